//! Digest authentication (RFC 2617, RFC 7616, RFC 8760): answering challenges and judging answers.

mod challenge;
mod client;
mod digest;
mod server;

pub use challenge::{DigestChallenge, Qop};
pub use client::{ChallengeRefused, DigestClient, DigestSession};
pub use digest::Algorithm;
pub use server::{Attempt, Proof};
