//! The codecs as a stream uses them.

use super::*;
use crate::jitter::Decode;
use crate::testing::{share_of_tone, tone};

/// A tone through encoder and decoder, in packets of 20 ms.
fn through(codec: Codec, hertz: f64) -> Vec<f32> {
    let rate = codec.sampling_rate();
    let mut encoder = SpeechEncoder::new(codec, Coding::default(), false);
    let mut hearing = Hearing::new(&[(codec.payload_type(), codec)], None, codec);
    let mut sound = Vec::new();
    for piece in tone(hertz, rate, rate as usize * 2).chunks(rate as usize / 50) {
        let piece: Vec<i16> = piece.iter().map(|sample| (sample * 32_767.0) as i16).collect();
        let Coded::Speech(payload) = encoder.encode(&piece) else {
            panic!("{codec:?} sent nothing")
        };
        hearing.decode(&Hearing::marked(codec.payload_type(), &payload), &mut sound);
    }
    assert_eq!(sound.len(), rate as usize * 2, "{codec:?}");
    sound.iter().map(|sample| f32::from(*sample) / 32_768.0).collect()
}

#[test]
fn each_codec_keeps_a_tone_and_the_wide_ones_a_high_one() {
    for codec in Codec::ALL {
        let rate = codec.sampling_rate();
        let sound = through(codec, 1000.0);
        let share = share_of_tone(&sound[rate as usize / 2..], 1000.0, rate);
        let wanted = if codec == Codec::G729 { 0.8 } else { 0.95 };
        assert!(share > wanted, "{codec:?}: {share}");
    }
    for (codec, hertz) in [(Codec::G722, 6000.0), (Codec::Opus, 6000.0)] {
        let rate = codec.sampling_rate();
        let share = share_of_tone(&through(codec, hertz)[rate as usize / 2..], hertz, rate);
        assert!(share > 0.9, "{codec:?}: {share}");
    }
}

#[test]
fn g711_round_trips_within_its_own_step() {
    for codec in [Codec::Pcmu, Codec::Pcma] {
        let speech: Vec<i16> = (-160..160).map(|n| n * 200).collect();
        let Coded::Speech(payload) = SpeechEncoder::new(codec, Coding::default(), false).encode(&speech) else {
            panic!()
        };
        assert_eq!(payload.len(), speech.len());
        let mut back = Vec::new();
        let kind = codec.payload_type();
        Hearing::new(&[(kind, codec)], None, codec).decode(&Hearing::marked(kind, &payload), &mut back);
        for (before, after) in speech.iter().zip(&back) {
            let step = (i32::from(*before).abs() / 16).max(16);
            assert!(
                (i32::from(*before) - i32::from(*after)).abs() <= step,
                "{before} {after}"
            );
        }
    }
}

#[test]
fn silence_has_the_well_known_octets() {
    let code = |codec| SpeechEncoder::new(codec, Coding::default(), false).encode(&[0]);
    assert_eq!(code(Codec::Pcmu), Coded::Speech(vec![0xff]));
    assert_eq!(code(Codec::Pcma), Coded::Speech(vec![0xd5]));
}

#[test]
fn packets_have_the_size_their_payload_format_says() {
    // 20 ms each: RFC 3551 sections 4.5.14, 4.5.2 and 4.5.6.
    for (codec, octets) in [
        (Codec::Pcma, 160),
        (Codec::Pcmu, 160),
        (Codec::G722, 160),
        (Codec::G729, 20),
    ] {
        let speech = vec![1000; codec.sampling_rate() as usize / 50];
        let Coded::Speech(payload) = SpeechEncoder::new(codec, Coding::default(), false).encode(&speech) else {
            panic!()
        };
        assert_eq!(payload.len(), octets, "{codec:?}");
    }
}

#[test]
fn the_far_end_may_change_its_codec_within_the_agreed_ones() {
    let agreed = [(0, Codec::Pcmu), (8, Codec::Pcma)];
    let mut hearing = Hearing::new(&agreed, None, Codec::Pcma);
    let mut sound = Vec::new();
    for codec in [Codec::Pcma, Codec::Pcmu, Codec::Pcma] {
        let Coded::Speech(payload) = SpeechEncoder::new(codec, Coding::default(), false).encode(&[8000; 160]) else {
            panic!()
        };
        sound.clear();
        hearing.decode(&Hearing::marked(codec.payload_type(), &payload), &mut sound);
        assert!(sound.iter().all(|sample| (7500..8500).contains(sample)), "{codec:?}");
    }
    assert_eq!(hearing.meaning(9), None);
}

#[test]
fn a_pause_is_sent_as_comfort_noise_where_agreed_and_heard_until_speech_comes() {
    let mut encoder = SpeechEncoder::new(Codec::Pcma, Coding::default(), true);
    let mut hearing = Hearing::new(&[(8, Codec::Pcma)], Some(13), Codec::Pcma);
    let hiss: Vec<i16> = (0..160).map(|n| if n * 7 % 13 > 6 { 40 } else { -40 }).collect();
    let (mut described, mut sent, mut sound) = (0, 0, Vec::new());
    for _ in 0..200 {
        match encoder.encode(&hiss) {
            Coded::Noise(payload) => {
                described += 1;
                hearing.decode(&Hearing::marked(13, &payload), &mut sound);
            }
            Coded::Speech(payload) => {
                sent += 1;
                hearing.decode(&Hearing::marked(8, &payload), &mut sound);
            }
            Coded::Nothing => {}
        }
    }
    assert!((1..10).contains(&described) && sent < 30, "{described} {sent}");
    assert!(hearing.is_resting());
    let mut rest = [0; 800];
    assert!(hearing.rest(&mut rest));
    let rms = (rest.iter().map(|sample| f64::from(*sample).powi(2)).sum::<f64>() / 800.0).sqrt();
    assert!((20.0..80.0).contains(&rms), "{rms}");
    // Speech is sent at once, and ends the noise.
    let Coded::Speech(payload) = encoder.encode(&[4000; 160]) else {
        panic!()
    };
    hearing.decode(&Hearing::marked(8, &payload), &mut sound);
    assert!(!hearing.is_resting() && !hearing.rest(&mut rest));
}
