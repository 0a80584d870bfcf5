//! The engine's hands: sockets, threads and clocks that perform what the core decides.
mod actor;
mod audio;
mod clock;
mod instance;
mod launch;
mod net;
mod secrets;
mod store_thread;
mod trace;

pub(crate) use actor::Actor;
