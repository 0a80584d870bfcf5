//! Runs the practice exchange by itself, to point any SIP phone at it: `cargo run -p parley-exchange --example practice -- 5070`.
//! It ends when its standard input does.
#![allow(clippy::print_stdout, reason = "a program for a terminal")]
use parley_exchange::{Exchange, ExchangeConfig};
use std::io::Read;
use std::net::{Ipv4Addr, SocketAddrV4};

fn main() -> std::io::Result<()> {
    let port = std::env::args()
        .nth(1)
        .and_then(|port| port.parse().ok())
        .unwrap_or(5070);
    let listen = SocketAddrV4::new(Ipv4Addr::LOCALHOST, port);
    let exchange = Exchange::start(ExchangeConfig {
        listen,
        ..ExchangeConfig::default()
    })?;
    println!("listening on {}, UDP and TCP", exchange.address());
    for user in exchange.users() {
        println!("user {} password {}", user.name, user.password);
    }
    std::io::stdin().read_to_end(&mut Vec::new())?;
    exchange.stop();
    Ok(())
}
