//! The practice exchange in this process, and a line on it.
use parley_engine::Config;

/// Starts it and adds its line to the engine's accounts.
///
/// # Errors
/// A sentence, when it cannot listen.
pub fn start(_config: &mut Config) -> Result<(), String> {
    Err("the practice exchange is not there yet".to_owned())
}
