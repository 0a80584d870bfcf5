//! The sound of the buffer behind seeded networks, written down to be scored: `scripts/quality.sh`. The inner loop of all work on
//! the buffer: it takes seconds where real calls take an hour.

use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use super::tests::Dice;
use super::{Arrival, JitterBuffer};
use crate::codec::{Coded, Hearing, SpeechEncoder};
use crate::params::{Codec, Coding};

const PACKET: usize = 160;

struct Cell {
    name: &'static str,
    loss: f64,
    /// Packets lost in a row, on average; 1 is loss without memory.
    burst: f64,
    delay_ms: f64,
    jitter_ms: f64,
}

const fn cell(name: &'static str, loss: f64, burst: f64, delay_ms: f64, jitter_ms: f64) -> Cell {
    Cell {
        name,
        loss,
        burst,
        delay_ms,
        jitter_ms,
    }
}

const CELLS: [Cell; 8] = [
    cell("0clean", 0.0, 1.0, 20.0, 0.5),
    cell("1loss2", 0.02, 1.0, 20.0, 0.5),
    cell("2loss5", 0.05, 1.0, 20.0, 0.5),
    cell("3loss10", 0.10, 1.0, 20.0, 0.5),
    cell("4burst5", 0.05, 2.5, 20.0, 0.5),
    cell("5jitter", 0.0, 1.0, 60.0, 40.0),
    cell("6jitterloss5", 0.05, 1.0, 60.0, 40.0),
    cell("7wifi", 0.01, 2.0, 30.0, 10.0),
];

#[test]
#[ignore = "writes recordings for scripts/quality.sh"]
fn recordings_to_be_scored() {
    let folder = std::env::var("PARLEY_SPEECH").expect("scripts/quality.sh says where the speech is");
    let seeds: u64 = std::env::var("PARLEY_SEEDS").map_or(3, |seeds| seeds.parse().unwrap());
    let folder = Path::new(&folder);
    let mut figures = std::fs::File::create(folder.join("out/figures")).unwrap();
    for cell in &CELLS {
        let (mut depth, mut concealed, mut runs) = (0.0, 0.0, 0.0);
        for seed in 1..=seeds {
            for n in 1..=4 {
                let mut reader = hound::WavReader::open(folder.join(format!("8k/speech{n}.wav"))).unwrap();
                let speech: Vec<i16> = reader.samples().map(Result::unwrap).collect();
                let (heard, delay, share) = through(cell, seed * 10 + n, &speech);
                let spec = reader.spec();
                let path = folder.join(format!("out/{}-{seed}-speech{n}.wav", cell.name));
                let mut writer = hound::WavWriter::create(path, spec).unwrap();
                heard.iter().for_each(|sample| writer.write_sample(*sample).unwrap());
                writer.finalize().unwrap();
                depth += delay;
                concealed += share;
                runs += 1.0;
            }
        }
        let (delay, made_up) = (depth / runs, concealed / runs);
        writeln!(figures, "{}\tdelay {delay:.0} ms\tmade up {made_up:.1} %", cell.name).unwrap();
    }
}

/// What is heard, its mean delay behind the sender without the least delay of the network, and the share made up. The speech comes
/// twice: what is scored is the second time, when the buffer knows the network.
fn through(cell: &Cell, seed: u64, speech: &[i16]) -> (Vec<i16>, f64, f64) {
    let mut dice = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    (0..20).for_each(|_| {
        dice.roll();
    });
    let packets = speech.len() / PACKET;
    let mut encoder = SpeechEncoder::new(Codec::Pcmu, Coding::default(), false);
    let mut arrivals = Vec::new();
    let mut bad = false;
    for number in 0..2 * packets {
        let (fate, jitter) = (dice.roll(), dice.roll());
        bad = match (cell.burst > 1.0, bad) {
            (false, _) => fate < cell.loss,
            (true, true) => fate >= 1.0 / cell.burst,
            (true, false) => fate < cell.loss / cell.burst / (1.0 - cell.loss),
        };
        let Coded::Speech(payload) = encoder.encode(&speech[number % packets * PACKET..][..PACKET]) else {
            panic!("a packet was not coded")
        };
        let payload = Hearing::marked(0, &payload);
        if !bad {
            let delay = cell.delay_ms + cell.jitter_ms * (2.0 * jitter - 1.0);
            arrivals.push((number as f64 * 20.0 + delay, number, payload));
        }
    }
    arrivals.sort_by(|a, b| a.0.total_cmp(&b.0));
    let start = Instant::now();
    let mut buffer = JitterBuffer::new(8000);
    let mut decoder = Hearing::new(&[(0, Codec::Pcmu)], None, Codec::Pcmu);
    let mut arrivals = arrivals.into_iter().peekable();
    let mut sound = Vec::new();
    let mut frame = [0; PACKET / 2];
    let (mut delay, mut before, mut count) = (0.0, buffer.stats(), 0.0);
    for tick in 0..4 * packets + 20 {
        let now = tick as f64 * 10.0 + 3.0;
        while let Some((at, number, payload)) = arrivals.next_if(|(at, ..)| *at <= now) {
            let arrival = Arrival {
                sequence: number as u16,
                timestamp: (number * PACKET) as u32,
                payload: &payload,
            };
            buffer.insert(start + Duration::from_secs_f64(at / 1000.0), &arrival);
        }
        buffer.pull(start + Duration::from_secs_f64(now / 1000.0), &mut decoder, &mut frame);
        if tick == 2 * packets {
            before = buffer.stats();
        }
        if tick >= 2 * packets {
            sound.extend_from_slice(&frame);
            if let Some(behind) = buffer.behind(start + Duration::from_secs_f64(now / 1000.0)) {
                delay += behind;
                count += 1.0;
            }
        }
    }
    let stats = buffer.stats();
    let share = (stats.concealed - before.concealed) as f64 * 100.0 / (stats.played - before.played) as f64;
    (sound, delay / count - (cell.delay_ms - cell.jitter_ms), share)
}
