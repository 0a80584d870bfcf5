//! Lines from stdin, on a thread of their own: a read cannot be called back.
use crate::line::{Line, too_long};
use std::io::{BufRead, Read};
use tokio::sync::mpsc::{Receiver, Sender, channel};

/// Longer than any request.
const LONGEST: u64 = 1024 * 1024;

/// Reads until the end of stdin; the channel then closes.
///
/// # Errors
/// When the system gives no thread.
pub fn start() -> std::io::Result<Receiver<Line>> {
    let (lines, inbox) = channel(64);
    std::thread::Builder::new()
        .name("stdin".into())
        .spawn(move || read(&mut std::io::stdin().lock(), &lines))?;
    Ok(inbox)
}

fn read(from: &mut impl BufRead, lines: &Sender<Line>) {
    loop {
        let mut bytes = Vec::new();
        match from.by_ref().take(LONGEST).read_until(b'\n', &mut bytes) {
            Ok(0) => return,
            Ok(_) => {}
            Err(why) => return log::warn!("stdin: {why}"),
        }
        let whole = bytes.ends_with(b"\n") || (bytes.len() as u64) < LONGEST;
        let line = if whole {
            let text = String::from_utf8_lossy(&bytes);
            if text.trim().is_empty() {
                continue;
            }
            Line::read(text.trim())
        } else {
            if from.skip_until(b'\n').is_err() {
                return;
            }
            Line {
                id: None,
                asked: Err(too_long()),
            }
        };
        if lines.blocking_send(line).is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{LONGEST, read};
    use crate::line::{Asked, Line};

    fn lines(text: &str) -> Vec<Line> {
        let (sender, mut inbox) = tokio::sync::mpsc::channel(64);
        read(&mut text.as_bytes(), &sender);
        drop(sender);
        std::iter::from_fn(|| inbox.blocking_recv()).collect()
    }

    #[test]
    fn empty_lines_are_skipped_and_the_last_needs_no_end() {
        let read = lines("\n  \r\n{\"type\":\"quit\"}\r\n{\"type\":\"quit\"}");
        assert_eq!(read.iter().filter(|line| line.asked == Ok(Asked::Quit)).count(), 2);
        assert_eq!(read.len(), 2);
    }

    #[test]
    fn a_line_without_end_is_refused_and_the_next_is_read() {
        let text = format!("\"{}\"\n{{\"type\":\"quit\"}}\n", "x".repeat(LONGEST as usize * 2));
        let read = lines(&text);
        assert!(read[0].asked.as_ref().unwrap_err().message.contains("too long"));
        assert_eq!(read[1].asked, Ok(Asked::Quit));
        assert_eq!(read.len(), 2);
    }
}
