//! SIP for user agents and small servers, without IO: wire codec, transactions, dialogs, sessions, registration.
//!
//! Nothing here opens a socket, reads a clock or draws a random number: bytes, instants and randomness come in,
//! bytes and events go out. The codec ([`parse`], [`Message::to_bytes`], [`framing`], [`sdp`], [`auth`]) stands on
//! its own and is what the [`endpoint`] is built from.
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

pub mod auth;
pub mod bodies;
pub mod dialog;
pub mod endpoint;
mod error;
pub mod framing;
pub mod headers;
mod host;
pub mod limits;
pub mod locate;
mod message;
mod method;
mod multipart;
mod name_addr;
mod params;
mod parse;
mod print;
pub mod sdp;
mod status;
pub mod stun;
pub mod transaction;
mod uri;
mod via;

pub use error::{Fault, ParseError, Rejected};
pub use headers::{Header, Headers};
pub use host::{Host, HostPort};
pub use message::{Message, Request, Response};
pub use method::{CSeq, Method};
pub use name_addr::NameAddr;
pub use params::{Param, Params};
pub use parse::parse;
pub use rsip::{StatusCode, Transport};
pub use status::{reason_phrase, status};
pub use uri::{AbsoluteUri, SipUri, TelUri, Uri};
pub use via::{Via, ViaTransport};
