//! `cargo xtask bench media`: how speech sounds through Parley and through baresip on the same bad networks, and how long it takes.
//!
//! The measuring hand speaks G.711 µ-law to a phone and is itself the network: it leaves packets out, holds them back and lets them
//! overtake each other as a seed says, the same for both phones. Parley writes down what it plays; baresip sends back what it plays,
//! which costs nothing, as the same samples are coded the same again. PESQ (ITU-T P.862) is the judge.
use crate::peers::{Answers, Peer};
use crate::wire::{Packet, Wire};
use parley_tests::g711;
use serde_json::json;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

const SAMPLES: usize = 160;
const PACKET_MS: f64 = 20.0;

struct Cell {
    name: &'static str,
    loss: f64,
    burst: f64,
    delay_ms: f64,
    jitter_ms: f64,
}

const CELLS: [Cell; 6] = [
    Cell {
        name: "1 clean",
        loss: 0.0,
        burst: 1.0,
        delay_ms: 20.0,
        jitter_ms: 0.0,
    },
    Cell {
        name: "2 loss 2 %",
        loss: 0.02,
        burst: 1.0,
        delay_ms: 20.0,
        jitter_ms: 0.0,
    },
    Cell {
        name: "3 loss 5 %",
        loss: 0.05,
        burst: 1.0,
        delay_ms: 20.0,
        jitter_ms: 0.0,
    },
    Cell {
        name: "4 loss 10 %",
        loss: 0.10,
        burst: 1.0,
        delay_ms: 20.0,
        jitter_ms: 0.0,
    },
    Cell {
        name: "5 bursts 5 %",
        loss: 0.05,
        burst: 2.5,
        delay_ms: 20.0,
        jitter_ms: 0.0,
    },
    Cell {
        name: "6 jitter 60+-40 ms",
        loss: 0.0,
        burst: 1.0,
        delay_ms: 60.0,
        jitter_ms: 40.0,
    },
];

/// Measures and prints. `PARLEY_BENCH_CALLS` says how many calls there are in each cell.
pub fn run() {
    let calls: u64 = std::env::var("PARLEY_BENCH_CALLS").map_or(5, |calls| calls.parse().unwrap());
    let speech =
        PathBuf::from(std::env::var("PARLEY_SPEECH").expect("cargo xtask bench media says where the speech is"));
    let judge = std::env::var("PARLEY_JUDGE").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut wire = Wire::listen();
    println!("{:<22}{:>9}{:>24}{:>24}", "", "", "Parley", "baresip");
    latency(&mut wire);
    for cell in &CELLS {
        let mut scores = Vec::new();
        for phone in ["Parley", "baresip"] {
            let mut heard = Vec::new();
            for call in 1..=calls {
                let reference = speech.join(format!("8k/speech{}.wav", (call - 1) % 4 + 1));
                let path = folder.path().join(format!(
                    "{phone}-{call}-{}",
                    reference.file_name().unwrap().to_str().unwrap()
                ));
                through(&mut wire, phone, cell, call, &reference, &path);
                heard.push(path);
            }
            scores.push(judged(&judge, &speech, &heard));
        }
        println!("{:<22}{:>9}{:>24}{:>24}", cell.name, "PESQ", scores[0], scores[1]);
    }
    println!("\nMedians of {calls} calls with the least and the best.");
}

/// From the packet in which a sound reaches the phone to the packet in which it comes back: the phone hears itself.
fn latency(wire: &mut Wire) {
    let mut figures = Vec::new();
    for phone in ["Parley", "baresip"] {
        let peer = match phone {
            "Parley" => Peer::parley_with_sound(&json!("loop")),
            _ => Peer::baresip(Answers::AtOnce),
        };
        wire.registered(&peer);
        // A click in silence each second, after three seconds to settle.
        let clicks: Vec<usize> = (4..10).map(|second| second * 8000).collect();
        let mut sound = vec![0i16; 10 * 8000 + 4000];
        for click in &clicks {
            for (n, sample) in sound[*click..click + 16].iter_mut().enumerate() {
                *sample = if n % 4 < 2 { 20_000 } else { -20_000 };
            }
        }
        let back = wire.say(&schedule(&CELLS[0], 1, &sound));
        let mut delays: Vec<f64> = clicks
            .iter()
            .filter_map(|click| {
                // The packet with the click leaves when all of it was said.
                let sent = (click / SAMPLES) as f64 * PACKET_MS + CELLS[0].delay_ms;
                let loud = |packet: &Packet| packet.payload.iter().any(|octet| g711::decode(*octet).abs() > 4000);
                let (at, packet) = back
                    .iter()
                    .find(|(at, packet)| at.as_secs_f64() * 1000.0 > sent && loud(packet))?;
                // Where in its packet the click is does not come from the phone.
                let place = packet
                    .payload
                    .iter()
                    .position(|octet| g711::decode(*octet).abs() > 4000)?;
                Some(at.as_secs_f64() * 1000.0 - sent - (place as f64 - (click % SAMPLES) as f64) / 8.0)
            })
            .collect();
        delays.sort_by(f64::total_cmp);
        figures.push(format!(
            "{:.0} ({:.0} to {:.0})",
            delays[delays.len() / 2],
            delays[0],
            delays[delays.len() - 1]
        ));
    }
    println!(
        "{:<22}{:>9}{:>24}{:>24}",
        "RTP in to RTP out", "ms", figures[0], figures[1]
    );
}

/// When each packet that the network lets through arrives.
fn schedule(cell: &Cell, seed: u64, sound: &[i16]) -> Vec<(Duration, Packet)> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut dice = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as f64 / (1u64 << 53) as f64
    };
    (0..20).for_each(|_| {
        dice();
    });
    let (mut packets, mut bad) = (Vec::new(), false);
    for (number, piece) in sound.chunks_exact(SAMPLES).enumerate() {
        let (fate, jitter) = (dice(), dice());
        bad = match (cell.burst > 1.0, bad) {
            (false, _) => fate < cell.loss,
            (true, true) => fate >= 1.0 / cell.burst,
            (true, false) => fate < cell.loss / cell.burst / (1.0 - cell.loss),
        };
        if !bad {
            let ms = number as f64 * PACKET_MS + cell.delay_ms + cell.jitter_ms * (2.0 * jitter - 1.0);
            let packet = Packet {
                sequence: number as u16,
                timestamp: (number * SAMPLES) as u32,
                payload: piece.iter().map(|sample| g711::encode(*sample)).collect(),
            };
            packets.push((Duration::from_secs_f64(ms / 1000.0), packet));
        }
    }
    packets.sort_by_key(|(due, _)| *due);
    packets
}

/// Says the reference twice and keeps what was heard the second time, when the phone knows the network.
fn through(wire: &mut Wire, phone: &str, cell: &Cell, seed: u64, reference: &Path, to: &Path) {
    let folder = tempfile::tempdir().unwrap();
    let played = folder.path().join("played.wav");
    let peer = match phone {
        "Parley" => Peer::parley_with_sound(&json!({ "file": { "output": played } })),
        _ => Peer::baresip(Answers::AtOnce),
    };
    wire.registered(&peer);
    let speech: Vec<i16> = hound::WavReader::open(reference)
        .unwrap()
        .samples()
        .map(Result::unwrap)
        .collect();
    let back = wire.say(&schedule(cell, seed, &[&speech[..], &speech[..]].concat()));
    let (rate, sound) = if phone == "Parley" {
        let mut reader = hound::WavReader::open(&played).unwrap();
        (
            reader.spec().sample_rate,
            reader.samples().map_while(Result::ok).collect(),
        )
    } else {
        (8000, returned(&back))
    };
    drop(peer);
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: rate,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut writer = hound::WavWriter::create(to, spec).unwrap();
    for sample in second_time(&sound, rate as usize, &speech) {
        writer.write_sample(*sample).unwrap();
    }
    writer.finalize().unwrap();
}

/// The sound of packets at the places their timestamps say.
fn returned(packets: &[(Duration, Packet)]) -> Vec<i16> {
    let Some((_, first)) = packets.first() else {
        return Vec::new();
    };
    let mut sound = Vec::new();
    for (_, packet) in packets {
        let place = packet.timestamp.wrapping_sub(first.timestamp) as usize;
        if place < 8000 * 120 {
            sound.resize(sound.len().max(place + packet.payload.len()), 0);
            for (slot, octet) in sound[place..].iter_mut().zip(&packet.payload) {
                *slot = g711::decode(*octet);
            }
        }
    }
    sound
}

/// Finds where the speech is heard the second time, by how loud it is over time, and cuts it out.
fn second_time<'a>(sound: &'a [i16], rate: usize, speech: &[i16]) -> &'a [i16] {
    let loudness = |sound: &[i16], step: usize| -> Vec<f64> {
        sound
            .chunks_exact(step)
            .map(|chunk| (chunk.iter().map(|sample| f64::from(*sample).powi(2)).sum::<f64>() / step as f64).sqrt())
            .collect()
    };
    let (heard, said) = (loudness(sound, rate / 100), loudness(speech, 80));
    let likeness = |place: usize| -> f64 { heard[place..].iter().zip(&said).map(|(a, b)| a * b).sum() };
    let places = said.len() / 2..heard.len().saturating_sub(said.len()).max(said.len() / 2 + 1);
    let place = places.max_by(|a, b| likeness(*a).total_cmp(&likeness(*b))).unwrap_or(0);
    let begin = (place * rate / 100).min(sound.len());
    &sound[begin..(begin + said.len() * rate / 100).min(sound.len())]
}

/// Median, least and best, as scripts/judge.py prints them.
fn judged(judge: &str, speech: &Path, heard: &[PathBuf]) -> String {
    let references = (1..=4).map(|n| speech.join(format!("8k/speech{n}.wav")));
    let output = Command::new(judge)
        .args(["scripts/judge.py", "8000"])
        .args(references)
        .arg("--")
        .args(heard)
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let fields: Vec<&str> = text.trim().split('\t').collect();
    match fields[..] {
        [_, median, least, best, _] => format!("{median} ({least} to {best})"),
        _ => panic!("{text}{}", String::from_utf8_lossy(&output.stderr)),
    }
}
