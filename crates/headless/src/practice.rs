//! The practice exchange in this process, and a line on it.
use parley_engine::{AccountDraft, Config, PresetAccount};
use parley_exchange::{Exchange, ExchangeConfig};

/// Starts it and adds its line to the engine's accounts. It stops with the value.
///
/// # Errors
/// A sentence, when it cannot listen or has nobody to be.
pub fn start(config: &mut Config) -> Result<Exchange, String> {
    let exchange = Exchange::start(ExchangeConfig::default())
        .map_err(|why| format!("The practice exchange cannot listen on this machine: {why}."))?;
    let user = exchange.users().first().ok_or("The practice exchange has no user.")?;
    config.accounts.push(PresetAccount::new(AccountDraft {
        name: "Practice".to_owned(),
        user: user.name.clone(),
        domain: exchange.address().to_string(),
        password: Some(user.password.clone()),
        ..AccountDraft::default()
    }));
    config.practice = true;
    Ok(exchange)
}
