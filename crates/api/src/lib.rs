//! The contract with every front: the window, the headless phone, scripts.
//!
//! A front sends a [`Request`] and gets a [`Reply`] or an [`ApiError`]; it takes a [`Snapshot`] once and then follows
//! [`Event`]s. Whole views travel, never differences inside one. This is the only crate whose types are serialisable.
//!
//! Shapes: fields are camelCase, enums carry their variant in `type` (snake_case), times are milliseconds since the Unix
//! epoch, durations say their unit in the name, identifiers are numbers and never reused.
#![forbid(unsafe_code)]

mod convert;
mod error;
mod event;
mod request;
mod view;

pub use error::*;
pub use event::*;
pub use request::*;
pub use view::*;
