//! Cutting a stream into messages (RFC 3261 section 18.3) and telling keep-alives apart (RFC 5626 section 4.4.1).

use std::fmt;

use crate::parse::{check, lines};
use crate::{Fault, limits};

/// What comes out of a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Frame {
    /// One whole message, for [`crate::parse`].
    Message(Vec<u8>),
    /// Two line ends: the far end asks whether we are there. Answer with [`PONG`].
    Ping,
    /// One line end: the answer to our [`PING`].
    Pong,
}

/// What to send to keep a stream alive.
pub const PING: &[u8] = b"\r\n\r\n";
/// What to answer to a [`Frame::Ping`].
pub const PONG: &[u8] = b"\r\n";

/// The stream holds no SIP any more: where the next message would start is unknown. Close the connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FramingError {
    /// What is wrong.
    pub fault: Fault,
    /// The head of the message, if it was complete: [`crate::parse`] makes a refusal of it that can be answered.
    pub head: Option<Vec<u8>>,
}

impl fmt::Display for FramingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the stream cannot be read on: {}", self.fault)
    }
}

impl std::error::Error for FramingError {}

/// Cuts the octets of one connection into frames. Never holds more than one message and what was pushed last.
///
/// A message without Content-Length has no body (RFC 3261 section 20.14 demands the field on streams).
#[derive(Debug, Default)]
pub struct StreamDecoder {
    buffer: Vec<u8>,
    /// Up to here no end of the head was found.
    scanned: usize,
    /// The length of the message at the front, once its head was read.
    whole: Option<usize>,
    /// The last frame was a single line end; another one makes a ping of both.
    after_line_end: bool,
    broken: Option<FramingError>,
}

impl StreamDecoder {
    /// A decoder for a fresh connection.
    pub fn new() -> StreamDecoder {
        StreamDecoder::default()
    }

    /// Takes in octets as they came. Call [`StreamDecoder::next`] until it gives `None` after each push.
    pub fn push(&mut self, bytes: &[u8]) {
        if self.broken.is_none() {
            self.buffer.extend_from_slice(bytes);
        }
    }

    /// The next frame, or `None` if more octets are needed. An error is final.
    #[allow(clippy::should_implement_trait)]
    pub fn next(&mut self) -> Result<Option<Frame>, FramingError> {
        if let Some(error) = &self.broken {
            return Err(error.clone());
        }
        self.cut().inspect_err(|error| {
            self.broken = Some(error.clone());
            self.buffer = Vec::new();
        })
    }

    fn cut(&mut self) -> Result<Option<Frame>, FramingError> {
        let whole = match self.whole {
            Some(whole) => whole,
            None => {
                if let Some(frame) = self.keep_alive() {
                    return Ok(Some(frame));
                }
                match self.buffer.first() {
                    None | Some(b'\r') => return Ok(None),
                    Some(_) => self.after_line_end = false,
                }
                self.check_start()?;
                let Some(whole) = self.measure()? else { return Ok(None) };
                *self.whole.insert(whole)
            }
        };
        if self.buffer.len() < whole {
            return Ok(None);
        }
        (self.scanned, self.whole) = (0, None);
        Ok(Some(Frame::Message(self.buffer.drain(..whole).collect())))
    }

    /// The length of the message at the front, head and body; `None` while the head is not complete.
    fn measure(&mut self) -> Result<Option<usize>, FramingError> {
        let Some(head_end) = self.head_end() else {
            if self.buffer.len() > limits::MESSAGE {
                return Err(FramingError {
                    fault: Fault::MessageTooLarge,
                    head: None,
                });
            }
            return Ok(None);
        };
        let head = self.buffer.get(..head_end).unwrap_or_default();
        let refuse = |fault| FramingError {
            fault,
            head: Some(head.to_vec()),
        };
        let body = check::content_length(&lines::head(head).headers)
            .map_err(refuse)?
            .unwrap_or(0);
        let whole = head_end.saturating_add(body);
        if whole > limits::MESSAGE {
            Err(refuse(Fault::MessageTooLarge))
        } else {
            Ok(Some(whole))
        }
    }

    /// Line ends between messages. Bare line feeds, NUL octets and carriage returns that nothing can be made of are passed over.
    fn keep_alive(&mut self) -> Option<Frame> {
        let stray = |at: &usize| match self.buffer.get(*at) {
            Some(b'\n' | 0) => true,
            Some(b'\r') => self.buffer.get(at + 1).is_some_and(|next| *next != b'\n'),
            _ => false,
        };
        let start = (0..self.buffer.len()).take_while(stray).count();
        self.buffer.drain(..start);
        if self.buffer.starts_with(PING) && !self.after_line_end {
            self.buffer.drain(..PING.len());
            return Some(Frame::Ping);
        }
        // Three octets of a ping that is still coming.
        if !self.buffer.starts_with(PONG) || (self.buffer == b"\r\n\r" && !self.after_line_end) {
            return None;
        }
        self.buffer.drain(..PONG.len());
        self.after_line_end = !self.after_line_end;
        Some(if self.after_line_end { Frame::Pong } else { Frame::Ping })
    }

    /// Recognises what cannot become SIP as soon as the first line shows it.
    fn check_start(&self) -> Result<(), FramingError> {
        let line_end = self
            .buffer
            .iter()
            .take(limits::START_LINE)
            .position(|byte| *byte == b'\n');
        let line = self
            .buffer
            .get(..line_end.unwrap_or(self.buffer.len().min(limits::START_LINE)))
            .unwrap_or_default();
        let starts_well = line
            .first()
            .is_some_and(|byte| crate::parse::tokens::is_token_char(*byte as char));
        let has_version = line.windows(4).any(|window| window.eq_ignore_ascii_case(b"SIP/"));
        let is_over = line_end.is_some() || self.buffer.len() >= limits::START_LINE;
        let fault = if !starts_well || (line_end.is_some() && !has_version) {
            Fault::RequestLine
        } else if is_over && line_end.is_none() {
            Fault::StartLineTooLong
        } else {
            return Ok(());
        };
        Err(FramingError { fault, head: None })
    }

    /// Where the head ends: after the first empty line.
    fn head_end(&mut self) -> Option<usize> {
        let from = self.scanned.saturating_sub(3);
        let fresh = self.buffer.get(from..).unwrap_or_default();
        let found = fresh
            .iter()
            .enumerate()
            .filter(|(_, byte)| **byte == b'\n')
            .find_map(|(at, _)| {
                let after = fresh.get(at + 1..).unwrap_or_default();
                let length = if after.starts_with(b"\r\n") {
                    2
                } else {
                    usize::from(after.starts_with(b"\n"))
                };
                (length > 0).then_some(from + at + 1 + length)
            });
        self.scanned = self.buffer.len();
        found
    }
}
