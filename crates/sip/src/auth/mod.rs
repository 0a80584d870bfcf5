//! Digest authentication (RFC 2069, RFC 7616, RFC 8760): answering challenges and judging answers.

mod challenge;
mod client;
mod digest;
mod server;
mod session;

pub use challenge::{DigestChallenge, Qop};
pub use client::{ChallengeRefused, DigestClient, ServerProof};
pub use digest::Algorithm;
pub use server::{Attempt, Proof};
pub use session::DigestSession;
