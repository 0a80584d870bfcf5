//! The one actor: its loop, transports, links between the leaves, views.
//!
//! [`core`] is the phone without any IO: wishes, network input, media events and answers of the edge go in, effects and whole views come
//! out. `edge` performs those effects with sockets, threads and clocks. A front sees only [`Engine`], [`Request`], [`Reply`],
//! [`Refusal`], [`Event`] and the views.
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

mod config;
pub mod core;
mod edge;
mod event;
mod handle;
mod private;
mod refusal;
mod request;
mod view;

pub use config::*;
pub use event::*;
pub use handle::Engine;
pub use private::Private;
pub use refusal::*;
pub use request::*;
pub use view::*;
