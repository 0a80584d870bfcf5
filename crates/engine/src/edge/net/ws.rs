//! SIP over WebSocket (RFC 7118): the subprotocol `sip`, one message in each frame.
use super::stream::{Ends, GLANCE, Life, WRITE, with};
use super::{Raw, transport_error};
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use parley_sip::endpoint::{FlowId, NextHop, TransportError};
use parley_sip::framing::{PING, PONG};
use parley_sip::limits;
use parley_sip::locate::{Candidate, default_port, is_secure};
use std::time::Instant;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::ClientRequestBuilder;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

/// `host[:port]` as the address of the web has it.
pub(super) fn host(hop: &NextHop, server: Candidate) -> String {
    // The port of the address the person entered: no SRV record changes it.
    let port = hop.port.unwrap_or_else(|| server.address.port());
    if port == default_port(server.transport) {
        hop.host.to_string()
    } else {
        format!("{}:{port}", hop.host)
    }
}

/// Asks the server to change from HTTP to SIP.
pub(super) async fn upgrade<S: AsyncRead + AsyncWrite + Unpin>(
    stream: S,
    hop: &NextHop,
    server: Candidate,
) -> Result<WebSocketStream<S>, TransportError> {
    let scheme = if is_secure(server.transport) { "wss" } else { "ws" };
    let path = hop.trust.path.as_deref().unwrap_or("/");
    let address = format!("{scheme}://{}{path}", host(hop, server));
    let address = address
        .parse()
        .map_err(|_| TransportError::WebSocket("this is no web address".to_owned()))?;
    let request = ClientRequestBuilder::new(address).with_sub_protocol("sip");
    let config = WebSocketConfig::default()
        .read_buffer_size(16 * 1024)
        .write_buffer_size(0)
        .max_write_buffer_size(4 * limits::MESSAGE)
        .max_message_size(Some(limits::MESSAGE))
        .max_frame_size(Some(limits::MESSAGE));
    match client_async_with_config(request, stream, Some(config)).await {
        // The library refuses an answer without the subprotocol that was asked for.
        Ok((socket, _)) => Ok(socket),
        Err(Error::Http(answer)) => Err(TransportError::WebSocket(format!("HTTP {}", answer.status().as_u16()))),
        Err(Error::Io(error)) => Err(transport_error(&error)),
        Err(error) => Err(TransportError::WebSocket(error.to_string())),
    }
}

/// Reads frames until the end.
pub(super) async fn read<S>(ends: Ends, mut frames: SplitStream<WebSocketStream<S>>)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let why = loop {
        let frame = match timeout(GLANCE, frames.next()).await {
            Ok(Some(Ok(frame))) => frame,
            Ok(Some(Err(error))) => {
                log::warn!("a WebSocket is closed: {error}");
                break meaning(&error);
            }
            Ok(None) => break TransportError::Closed,
            Err(_) => match with(&ends.life, |life| life.end(Instant::now())) {
                Some(why) => break why,
                None => continue,
            },
        };
        with(&ends.life, |life| life.heard(Instant::now()));
        let bytes: Vec<u8> = match frame {
            Message::Text(text) => text.as_bytes().to_vec(),
            Message::Binary(bytes) => bytes.to_vec(),
            Message::Pong(_) => {
                with(&ends.life, Life::ponged);
                continue;
            }
            // The library answers a ping by itself; the answer leaves with the next flush, which this brings about.
            Message::Ping(_) => {
                ends.answer(&[]);
                continue;
            }
            Message::Close(_) => break TransportError::Closed,
            Message::Frame(_) => continue,
        };
        // RFC 7118 section 6 leaves the keep-alive of RFC 5626 allowed.
        if bytes == PING {
            ends.answer(PONG);
        } else if bytes == PONG {
            with(&ends.life, Life::ponged);
        } else if !bytes.is_empty() && ends.message(bytes).await.is_err() {
            return;
        }
    };
    ends.closed(why).await;
}

/// Writes each message as one frame; our keep-alive is the ping of WebSocket.
pub(super) async fn write<S>(
    flow: FlowId,
    mut frames: SplitSink<WebSocketStream<S>, Message>,
    mut waiting: mpsc::Receiver<Vec<u8>>,
    reports: mpsc::Sender<Raw>,
) where
    S: AsyncRead + AsyncWrite + Unpin,
{
    while let Some(bytes) = waiting.recv().await {
        let sent = async {
            if bytes.is_empty() {
                return frames.flush().await;
            }
            frames.send(frame(bytes)).await
        };
        let why = match timeout(WRITE, sent).await {
            Ok(Ok(())) => continue,
            Ok(Err(error)) => meaning(&error),
            Err(_) => TransportError::TimedOut,
        };
        let _ = reports.send(Raw::Closed { flow, why }).await;
        return;
    }
}

fn frame(bytes: Vec<u8>) -> Message {
    if bytes == PING {
        return Message::Ping(Vec::new().into());
    }
    match String::from_utf8(bytes) {
        Ok(text) => Message::text(text),
        Err(other) => Message::binary(other.into_bytes()),
    }
}

fn meaning(error: &Error) -> TransportError {
    match error {
        Error::Io(error) => transport_error(error),
        _ => TransportError::Closed,
    }
}
