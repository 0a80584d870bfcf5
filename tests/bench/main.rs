//! `cargo xtask bench`: Parley's figures beside baresip's, measured in the same run by the same hand: a registrar, caller and RTP
//! sender of a few lines over UDP, so that nothing but the two phones differs. docs/benchmarks.md says how to read them.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

mod media;
mod peers;
mod soak;
mod usage;
mod wire;

use peers::{Answers, Peer};
use std::time::Duration;
use wire::Wire;

const ROUNDS: usize = 11;
const MANY_ROUNDS: usize = 41;

fn main() {
    // As the program a screen pop starts: say so and be gone.
    let mut arguments = std::env::args().skip(1);
    if arguments.next().as_deref() == Some("--popped") {
        let socket = std::net::UdpSocket::bind("10.77.0.1:0").unwrap();
        socket.send_to(b"popped", ("10.77.0.1", wire::POP_PORT)).unwrap();
        return;
    }
    parley_tests::lab();
    if std::env::args().nth(1).is_some_and(|word| word == "media") {
        return media::run();
    }
    let signalling = std::env::args().nth(1).is_some_and(|word| word == "signalling");
    let measure = |start: fn(Answers) -> Peer| {
        if signalling {
            signalling_of(start)
        } else {
            figures(start)
        }
    };
    println!("{:<34}{:>12}{:>12}{:>9}", "", "Parley", "baresip", "ratio");
    let parley = measure(Peer::parley);
    let baresip = measure(Peer::baresip);
    for (ours, theirs) in parley.iter().zip(&baresip) {
        let ratio = theirs
            .value
            .filter(|theirs| *theirs > 0.0)
            .zip(ours.value)
            .map(|(theirs, ours)| ours / theirs);
        println!(
            "{:<34}{:>12}{:>12}{:>9}",
            format!("{}, {}", ours.name, ours.unit),
            shown(ours.value),
            shown(theirs.value),
            ratio.map_or_else(|| "-".to_owned(), |ratio| format!("{ratio:.2}")),
        );
    }
    if signalling {
        println!("\nMedians of {MANY_ROUNDS} rounds.");
        return soak::run();
    }
    println!("\nMedians of {ROUNDS} rounds; memory is resident size; CPU is of one core over ten seconds.");
}

/// Registration and ringing alone, more often.
fn signalling_of(start: fn(Answers) -> Peer) -> Vec<Figure> {
    let mut wire = Wire::listen();
    let registered = median((0..MANY_ROUNDS).map(|_| wire.registered(&start(Answers::Never))));
    let peer = start(Answers::Never);
    wire.registered(&peer);
    let ringing = median((0..MANY_ROUNDS).map(|_| wire.ring_and_cancel()));
    vec![
        Figure {
            name: "start to registered",
            unit: "ms",
            value: Some(registered),
        },
        Figure {
            name: "INVITE to 180",
            unit: "ms",
            value: Some(ringing),
        },
    ]
}

struct Figure {
    name: &'static str,
    unit: &'static str,
    value: Option<f64>,
}

fn shown(value: Option<f64>) -> String {
    value.map_or_else(
        || "-".to_owned(),
        |value| {
            if value < 10.0 {
                format!("{value:.2}")
            } else {
                format!("{value:.0}")
            }
        },
    )
}

fn figures(start: fn(Answers) -> Peer) -> Vec<Figure> {
    let mut wire = Wire::listen();
    let registered = median((0..ROUNDS).map(|_| {
        let peer = start(Answers::Never);
        let time = wire.registered(&peer);
        drop(peer);
        time
    }));
    let peer = start(Answers::Never);
    wire.registered(&peer);
    let ringing = median((0..ROUNDS).map(|_| wire.ring_and_cancel()));
    let popped = peer.pops().then(|| median((0..ROUNDS).map(|_| wire.pop_and_cancel())));
    wire.quiet(Duration::from_secs(2));
    let idle = usage::over(peer.pid(), Duration::from_secs(10), || {
        wire.quiet(Duration::from_millis(50))
    });
    drop(peer);

    let peer = start(Answers::AtOnce);
    wire.registered(&peer);
    let first_rtp = median((0..ROUNDS).map(|_| wire.answer_and_hang_up()));
    let talking = wire.talk(|step| usage::over(peer.pid(), Duration::from_secs(10), step));
    vec![
        Figure {
            name: "start to registered",
            unit: "ms",
            value: Some(registered),
        },
        Figure {
            name: "INVITE to 180",
            unit: "ms",
            value: Some(ringing),
        },
        Figure {
            name: "INVITE to program started",
            unit: "ms",
            value: popped,
        },
        Figure {
            name: "200 to first RTP",
            unit: "ms",
            value: Some(first_rtp),
        },
        Figure {
            name: "CPU idle",
            unit: "%",
            value: Some(idle.cpu),
        },
        Figure {
            name: "memory idle",
            unit: "MB",
            value: Some(idle.megabytes),
        },
        Figure {
            name: "CPU in a G.711 call",
            unit: "%",
            value: Some(talking.cpu),
        },
        Figure {
            name: "memory in a G.711 call",
            unit: "MB",
            value: Some(talking.megabytes),
        },
    ]
}

fn median(values: impl Iterator<Item = Duration>) -> f64 {
    let mut values: Vec<f64> = values.map(|value| value.as_secs_f64() * 1000.0).collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
