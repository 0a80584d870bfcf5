//! The jitter buffer: packets in as the network brings them, even sound out. The time is given, never asked for.
//!
//! A packet is placed by its timestamp. Playing runs a certain depth behind the fastest packets ([`target`]); the
//! depth is held by taking out or repeating one pitch period where that cannot be heard ([`stretch`]). What is
//! missing is made up ([`conceal`]). Nothing a network can bring makes it fail: the worst is a fresh start.

mod conceal;
#[cfg(test)]
mod offline;
mod stretch;
mod target;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, VecDeque};
use std::time::Instant;

use conceal::Concealer;
use target::Target;

/// More packets than this are never held, whatever their timestamps say.
const MOST_PACKETS: usize = 128;
/// Implausible timestamps in a row before the stream is believed to have jumped.
const STRAYS_BELIEVED: u8 = 3;
/// A gap longer than this is not bridged from both sides: what would be in the middle is anybody's guess.
const LONGEST_BRIDGE_MS: usize = 120;

/// Turns payloads into sound, in the order in which they are heard.
pub(crate) trait Decode {
    /// Appends the sound of one payload.
    fn decode(&mut self, payload: &[u8], sound: &mut Vec<i16>);

    /// Appends the sound of a lost packet from the redundancy in the packet after it (Opus in-band FEC, RFC 6716
    /// section 2.1.7); false when there is none. To be called before that packet itself is decoded.
    fn recover(&mut self, _next_payload: &[u8], _samples: usize, _sound: &mut Vec<i16>) -> bool {
        false
    }

    /// Appends sound made up by the codec itself for a packet that is missing; false leaves it to the jitter buffer's
    /// own concealment.
    fn conceal(&mut self, _samples: usize, _sound: &mut Vec<i16>) -> bool {
        false
    }

    /// Whether the far end said that it pauses (comfort noise, DTX): what is missing now was never sent.
    fn is_resting(&self) -> bool {
        false
    }
}

/// One packet of speech.
#[derive(Debug, Clone)]
pub(crate) struct Arrival<'a> {
    /// RTP sequence number.
    pub sequence: u16,
    /// RTP timestamp.
    pub timestamp: u32,
    /// The coded speech.
    pub payload: &'a [u8],
}

/// What became of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Inserted {
    /// It will be heard.
    Held,
    /// It is here already.
    Duplicate,
    /// What it holds has been played past.
    Late,
    /// Its timestamp makes no sense (yet).
    Stray,
}

/// Counters since the beginning.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct JitterStats {
    /// Packets that came too late.
    pub late: u64,
    /// Packets that came twice.
    pub duplicates: u64,
    /// Samples given out while the stream was playing.
    pub played: u64,
    /// Samples among them that were made up.
    pub concealed: u64,
    /// Gaps that had to be made up.
    pub gaps: u64,
    /// Samples that came out of the redundancy in a later packet.
    pub recovered: u64,
    /// Times a pitch period was taken out or repeated to hold the depth.
    pub stretched: u64,
}

#[derive(Debug)]
struct Held {
    sequence: u16,
    payload: Vec<u8>,
}

#[derive(Debug)]
struct Ahead {
    timestamp: i64,
    sequence: u16,
    sound: Vec<i16>,
}

#[derive(Debug, Clone, Copy)]
enum Play {
    /// Nothing to play, or not deep enough yet.
    Waiting { since: i64 },
    /// `next` is the timestamp to decode next, `sequence` the one decoded last.
    Playing { next: i64, sequence: Option<u16> },
}

/// The buffer of one incoming stream. Its time unit is one sample.
#[derive(Debug)]
pub(crate) struct JitterBuffer {
    rate: u32,
    epoch: Option<Instant>,
    packets: BTreeMap<i64, Held>,
    /// Wire timestamp, unwrapped timestamp and arrival of the newest packet.
    newest: Option<(u32, i64, i64)>,
    strays: u8,
    target: Target,
    play: Play,
    /// Decoded and not yet heard.
    sound: VecDeque<i16>,
    decoded: Vec<i16>,
    /// The packet behind a gap that has been bridged, decoded already.
    ahead: Option<Ahead>,
    /// Samples of the last packet.
    packet: i64,
    conceal: Concealer,
    stats: JitterStats,
}

impl JitterBuffer {
    /// An empty buffer for a stream of `rate` samples a second.
    pub(crate) fn new(rate: u32) -> Self {
        JitterBuffer {
            rate,
            epoch: None,
            packets: BTreeMap::new(),
            newest: None,
            strays: 0,
            target: Target::new(rate),
            play: Play::Waiting { since: 0 },
            sound: VecDeque::new(),
            decoded: Vec::new(),
            conceal: Concealer::new(rate),
            ahead: None,
            packet: i64::from(rate) / 50,
            stats: JitterStats::default(),
        }
    }

    /// Starts anew with another source; the depth learnt so far stays.
    pub(crate) fn reset(&mut self) {
        self.packets.clear();
        self.sound.clear();
        self.ahead = None;
        self.newest = None;
        self.strays = 0;
        self.target.restart();
        self.play = Play::Waiting { since: 0 };
        self.conceal.reset();
    }

    /// Starts anew at another rate; the counters go on.
    pub(crate) fn retune(&mut self, rate: u32) {
        *self = JitterBuffer {
            stats: self.stats,
            ..JitterBuffer::new(rate)
        };
    }

    /// A packet came.
    pub(crate) fn insert(&mut self, now: Instant, arrival: &Arrival<'_>) -> Inserted {
        let at = self.clock(now);
        let Some(timestamp) = self.place(at, arrival.timestamp) else {
            return Inserted::Stray;
        };
        if let Play::Waiting { since } = self.play
            && self.packets.is_empty()
            && at - since > i64::from(self.rate)
        {
            self.target.restart();
        }
        self.target.arrived(at - timestamp);
        if let Play::Playing { next, .. } = self.play
            && timestamp < next
        {
            self.stats.late += 1;
            return Inserted::Late;
        }
        let decoded_already = self.ahead.as_ref().is_some_and(|ahead| ahead.timestamp == timestamp);
        if decoded_already || self.packets.contains_key(&timestamp) {
            self.stats.duplicates += 1;
            return Inserted::Duplicate;
        }
        self.packets.insert(
            timestamp,
            Held {
                sequence: arrival.sequence,
                payload: arrival.payload.to_vec(),
            },
        );
        self.bound();
        Inserted::Held
    }

    /// Fills `out` with the sound of now. To be called steadily, as time passes.
    pub(crate) fn pull(&mut self, now: Instant, decoder: &mut dyn Decode, out: &mut [i16]) {
        let at = self.clock(now);
        self.begin_if_deep_enough(at);
        match self.play {
            Play::Waiting { .. } => self.wait(out),
            Play::Playing { .. } => self.play(at, decoder, out),
        }
    }

    /// Counters since the beginning.
    pub(crate) fn stats(&self) -> JitterStats {
        self.stats
    }

    /// Speech waiting, in milliseconds.
    pub(crate) fn buffered_ms(&self) -> f32 {
        let ahead = match (self.play, self.packets.keys().next_back(), self.packets.keys().next()) {
            (Play::Playing { next, .. }, Some(last), _) => last - next,
            (Play::Waiting { .. }, Some(last), Some(first)) => last - first,
            _ => 0,
        };
        (ahead.max(0) as f32 + self.sound.len() as f32) * 1000.0 / self.rate as f32
    }

    /// The depth aimed at, in milliseconds.
    #[cfg(test)]
    pub(crate) fn target_ms(&self) -> f32 {
        self.target.depth() as f32 * 1000.0 / self.rate as f32
    }

    /// How long after it was said sound is heard now, in milliseconds, when timestamps begin with the clock.
    #[cfg(test)]
    pub(crate) fn behind(&mut self, now: Instant) -> Option<f64> {
        let at = self.clock(now);
        let Play::Playing { next, .. } = self.play else {
            return None;
        };
        Some((at - (next - self.sound.len() as i64)) as f64 * 1000.0 / f64::from(self.rate))
    }

    /// Time in samples since the first call.
    fn clock(&mut self, now: Instant) -> i64 {
        let epoch = *self.epoch.get_or_insert(now);
        let since = now.saturating_duration_since(epoch);
        i64::try_from(since.as_micros() * u128::from(self.rate) / 1_000_000).unwrap_or(i64::MAX / 4)
    }

    /// Unwraps a timestamp; `None` when it is far from where the stream should be by now.
    fn place(&mut self, at: i64, wire: u32) -> Option<i64> {
        let Some((newest_wire, newest, newest_at)) = self.newest else {
            self.newest = Some((wire, i64::from(wire), at));
            return Some(i64::from(wire));
        };
        let timestamp = newest + i64::from(wire.wrapping_sub(newest_wire) as i32);
        let expected = newest + (at - newest_at);
        if (timestamp - expected).abs() > 2 * i64::from(self.rate) {
            self.strays += 1;
            if self.strays < STRAYS_BELIEVED {
                return None;
            }
            log::debug!("the stream jumped by {} samples", timestamp - expected);
            self.reset();
            self.play = Play::Waiting { since: at };
            self.newest = Some((wire, i64::from(wire), at));
            return Some(i64::from(wire));
        }
        self.strays = 0;
        if timestamp > newest {
            self.newest = Some((wire, timestamp, at));
        }
        Some(timestamp)
    }

    /// Never holds more than a second of speech.
    fn bound(&mut self) {
        while let (Some(&first), Some(&last)) = (self.packets.keys().next(), self.packets.keys().next_back())
            && (self.packets.len() > MOST_PACKETS || last - first > i64::from(self.rate))
        {
            self.packets.pop_first();
            self.stats.late += 1;
            if let (Play::Playing { next, .. }, Some(&first)) = (&mut self.play, self.packets.keys().next()) {
                *next = first.max(*next);
            }
        }
    }

    fn begin_if_deep_enough(&mut self, at: i64) {
        let Play::Waiting { .. } = self.play else { return };
        let Some(&first) = self.packets.keys().next() else {
            return;
        };
        if at - first - self.target.fastest() >= self.target.depth() {
            self.play = Play::Playing {
                next: first,
                sequence: None,
            };
        }
    }

    /// Silence, after the end of what was being made up.
    fn wait(&mut self, out: &mut [i16]) {
        out.fill(0);
        let left = self.sound.len().min(out.len());
        for (slot, sample) in out.iter_mut().zip(self.sound.drain(..left)) {
            *slot = sample;
        }
        if left == 0 {
            self.conceal.heard(out);
        }
    }

    fn play(&mut self, at: i64, decoder: &mut dyn Decode, out: &mut [i16]) {
        while self.sound.len() < out.len() {
            if !self.decode_next(at, decoder) {
                let missing = out.len() - self.sound.len();
                if !self.bridge(decoder) {
                    self.fill(at, missing, decoder);
                }
            }
        }
        let count = out.len();
        for (slot, sample) in out.iter_mut().zip(self.sound.drain(..count)) {
            *slot = sample;
        }
        self.stats.played += out.len() as u64;
    }

    /// Decodes the packet whose time has come; `false` when it is not here.
    fn decode_next(&mut self, at: i64, decoder: &mut dyn Decode) -> bool {
        let Play::Playing { next, .. } = self.play else {
            return false;
        };
        let sequence = if let Some(ahead) = self.ahead.take_if(|ahead| ahead.timestamp <= next) {
            self.decoded = ahead.sound;
            ahead.sequence
        } else {
            let Some(entry) = self.packets.first_entry() else {
                return false;
            };
            let timestamp = *entry.key();
            if timestamp > next {
                return false;
            }
            let held = entry.remove();
            if timestamp < next {
                self.stats.late += 1;
                return true;
            }
            self.decoded.clear();
            decoder.decode(&held.payload, &mut self.decoded);
            held.sequence
        };
        let samples = self.decoded.len() as i64;
        self.packet = samples.max(1);
        let excess = self.excess(at, next);
        self.conceal.recover(&mut self.decoded);
        self.hold_depth(excess);
        self.conceal.heard(&self.decoded);
        self.sound.extend(&self.decoded);
        self.play = Play::Playing {
            next: next + samples,
            sequence: Some(sequence),
        };
        true
    }

    /// How much deeper than aimed at we play, in samples.
    fn excess(&self, at: i64, next: i64) -> i64 {
        at - (next - self.sound.len() as i64) - self.target.fastest() - self.target.depth()
    }

    /// Shortens or lengthens what was just decoded, where it cannot be heard or must be.
    fn hold_depth(&mut self, excess: i64) {
        let ms = i64::from(self.rate) / 1000;
        let done = if excess > 20 * ms {
            stretch::shorten(&mut self.decoded, self.rate, excess > 60 * ms)
        } else if excess < -10 * ms {
            stretch::lengthen(self.conceal.history(), &mut self.decoded, self.rate, excess < -40 * ms)
        } else {
            false
        };
        self.stats.stretched += u64::from(done);
    }

    /// Closes the whole gap before a packet that is here already: from the redundancy in that packet, from what the codec makes up,
    /// or from the sound on both sides. `false` when there is no such packet or the gap is a pause.
    fn bridge(&mut self, decoder: &mut dyn Decode) -> bool {
        let Play::Playing { next, sequence } = self.play else {
            return false;
        };
        let Some(entry) = self.packets.first_entry() else {
            return false;
        };
        let timestamp = *entry.key();
        let paused = sequence.is_some_and(|last| entry.get().sequence == last.wrapping_add(1));
        let Some(gap) = usize::try_from(timestamp - next).ok().filter(|gap| *gap > 0) else {
            return false;
        };
        if paused || gap > self.rate as usize * LONGEST_BRIDGE_MS / 1000 {
            return false;
        }
        let held = entry.remove();
        self.decoded.clear();
        let redundant = gap.min(self.packet as usize);
        let began = self.conceal.run() == 0;
        let mut recovered = Vec::new();
        let known = decoder.recover(&held.payload, redundant, &mut recovered);
        let before = if known { gap - redundant } else { gap };
        let by_codec = before > 0 && decoder.conceal(before, &mut self.decoded);
        if by_codec {
            self.decoded.resize(before, 0);
        }
        let mut sound = Vec::new();
        if !known {
            decoder.decode(&held.payload, &mut sound);
        }
        if !by_codec && before > 0 {
            let future = if known { &recovered } else { &sound };
            self.conceal.bridge(before, future, &mut self.decoded);
        }
        if known {
            recovered.resize(redundant, 0);
            self.decoded.append(&mut recovered);
            decoder.decode(&held.payload, &mut sound);
        }
        self.conceal.joined();
        self.conceal.heard(&self.decoded);
        self.stats.gaps += u64::from(before > 0 && began);
        self.stats.concealed += before as u64;
        self.stats.recovered += (gap - before) as u64;
        self.sound.extend(&self.decoded);
        self.ahead = Some(Ahead {
            timestamp,
            sequence: held.sequence,
            sound,
        });
        self.play = Play::Playing {
            next: timestamp,
            sequence,
        };
        true
    }

    /// Makes up sound for a packet that is not here at its time.
    fn fill(&mut self, at: i64, missing: usize, decoder: &mut dyn Decode) {
        let Play::Playing { next, sequence } = self.play else {
            return;
        };
        let first = self.packets.first_key_value().map(|(at, held)| (*at, held.sequence));
        let count = match first {
            Some((first, _)) => missing.min(usize::try_from(first - next).unwrap_or(missing).max(1)),
            None => missing,
        };
        if first.is_none() && self.conceal.run() > self.rate as usize / 5 {
            self.sound.extend(std::iter::repeat_n(0, missing));
            self.play = Play::Waiting { since: at };
            return;
        }
        // The sender paused: the next packet follows the last one by number, only its time is later.
        let paused = matches!((first, sequence), (Some((_, first)), Some(last)) if first == last.wrapping_add(1));
        let began = self.conceal.run() == 0;
        self.decoded.clear();
        // It said so, or it is known now: what was never sent is not missing.
        let resting = decoder.is_resting();
        if (resting || !paused) && decoder.conceal(count, &mut self.decoded) {
            self.decoded.resize(count, 0);
            self.conceal.made_up_elsewhere(count);
        } else {
            let decoded = &mut self.decoded;
            self.conceal.produce(count, |sample| decoded.push(sample));
        }
        self.conceal.heard(&self.decoded);
        if !paused && !resting {
            self.stats.gaps += u64::from(began);
            self.stats.concealed += count as u64;
        }
        let deepen = first.is_none() && self.excess(at, next) < 0;
        self.sound.extend(&self.decoded);
        let passed = if deepen { 0 } else { count as i64 };
        self.play = Play::Playing {
            next: next + passed,
            sequence,
        };
    }
}
