use std::sync::mpsc::channel;

use super::*;
use crate::event::Playback;
use crate::resample::RATE;
use crate::testing::{share_of_tone, tone as wave};

const CALL: SessionId = SessionId(7);

fn wish(file: PathBuf) -> Recording {
    Recording { file, announce: false }
}

fn frames(hertz: f64, count: usize) -> Vec<Frame> {
    let sound = wave(hertz, RATE, count * FRAME);
    sound.chunks(FRAME).map(|part| part.try_into().unwrap()).collect()
}

/// No more than fit into the queue: the desk does not wait for the disk.
fn record(records: &mut Records, said: &[Frame], heard: &[Frame]) {
    assert!(said.len() <= WAITING);
    said.iter()
        .zip(heard)
        .for_each(|(said, heard)| records.take(CALL, said, heard));
}

fn read(file: &std::path::Path) -> (Vec<f32>, Vec<f32>) {
    let mut reader = hound::WavReader::open(file).unwrap();
    assert_eq!((reader.spec().channels, reader.spec().sample_rate), (2, 16_000));
    let samples: Vec<f32> = reader
        .samples::<i16>()
        .map(|sample| f32::from(sample.unwrap()) / 32768.0)
        .collect();
    (
        samples.iter().step_by(2).copied().collect(),
        samples.iter().skip(1).step_by(2).copied().collect(),
    )
}

#[test]
fn what_we_said_is_on_the_left_and_what_we_heard_on_the_right() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("recordings/a.wav");
    let (told, events) = channel();
    let mut records = Records::new(told);
    records.start(CALL, wish(file.clone()));
    record(&mut records, &frames(500.0, 200), &frames(1200.0, 200));
    records.finish();
    let (left, right) = read(&file);
    assert!(share_of_tone(&left[1600..30_000], 500.0, 16_000) > 0.99);
    assert!(share_of_tone(&right[1600..30_000], 1200.0, 16_000) > 0.99);
    let recorded = events.try_iter().find_map(|event| match event {
        MediaEvent::Recorded { session: CALL, millis } => Some(millis),
        _ => None,
    });
    assert!(
        recorded.is_some_and(|millis| (1980..=2000).contains(&millis)),
        "{recorded:?}"
    );
}

#[test]
fn a_pause_leaves_out_what_is_said_and_heard_in_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.wav");
    let mut records = Records::new(channel().0);
    records.start(CALL, wish(file.clone()));
    record(&mut records, &frames(500.0, 100), &frames(500.0, 100));
    records.pause(CALL, true);
    record(&mut records, &frames(1500.0, 100), &frames(1500.0, 100));
    records.pause(CALL, false);
    record(&mut records, &frames(500.0, 100), &frames(500.0, 100));
    records.finish();
    let (left, right) = read(&file);
    for side in [left, right] {
        assert!(
            (31_500..=32_000).contains(&side.len()),
            "two seconds of three: {}",
            side.len()
        );
        assert!(share_of_tone(&side, 1500.0, 16_000) < 0.01);
    }
}

#[test]
fn a_recording_goes_on_in_its_file_when_the_call_moves_to_another_session() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.wav");
    let mut records = Records::new(channel().0);
    records.start(CALL, wish(file.clone()));
    record(&mut records, &frames(500.0, 100), &frames(500.0, 100));
    records.stop(CALL);
    records.start(CALL, wish(file.clone()));
    record(&mut records, &frames(900.0, 100), &frames(900.0, 100));
    records.finish();
    let (left, _) = read(&file);
    assert!((31_500..=32_000).contains(&left.len()), "{}", left.len());
    assert!(share_of_tone(&left[1000..15_000], 500.0, 16_000) > 0.99);
    assert!(share_of_tone(&left[17_000..31_000], 900.0, 16_000) > 0.99);
}

#[test]
fn what_a_slow_disk_could_not_take_is_silence_of_the_same_length() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.wav");
    let (pieces, to_write) = sync_channel(8);
    let sound = frames(500.0, 2);
    for (missed, frame) in [0, 98].into_iter().zip(&sound) {
        pieces
            .send(Piece {
                missed,
                said: *frame,
                heard: *frame,
            })
            .unwrap();
    }
    drop(pieces);
    let millis = write(&file, &to_write).unwrap();
    assert!((980..=1000).contains(&millis), "{millis}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_said_and_the_desk_goes_on() {
    let (told, events) = channel();
    let mut records = Records::new(told);
    records.start(CALL, wish(PathBuf::from("/dev/full")));
    let failed = events.recv_timeout(std::time::Duration::from_secs(20)).unwrap();
    let why = RecordingFault::DiskFull;
    assert_eq!(failed, MediaEvent::RecordingFailed { session: CALL, why });
    let frame = [0.1; FRAME];
    for _ in 0..2 * WAITING {
        records.take(CALL, &frame, &frame);
    }
    assert!(records.running.is_empty());
}

#[test]
fn the_announcement_beeps_for_both_every_fifteen_seconds_and_not_in_a_pause() {
    let folder = tempfile::tempdir().unwrap();
    let mut records = Records::new(channel().0);
    assert!(records.announcement(&[CALL]).is_none());
    records.start(
        CALL,
        Recording {
            file: folder.path().join("a.wav"),
            announce: true,
        },
    );
    let loud: Vec<bool> = (0..3000)
        .map(|_| {
            records
                .announcement(&[CALL])
                .unwrap()
                .iter()
                .any(|sample| sample.abs() > 0.05)
        })
        .collect();
    assert_eq!(loud.iter().filter(|loud| **loud).count(), 40, "twice 200 ms in 30 s");
    assert!(loud[5] && loud[1505]);
    assert!(
        records.announcement(&[SessionId(8)]).is_none(),
        "another call hears nothing"
    );
    records.pause(CALL, true);
    assert!(records.announcement(&[CALL]).is_none());
    records.finish();
}

#[test]
fn a_recording_is_played_from_where_it_is_asked_for_to_its_end() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.wav");
    let mut records = Records::new(channel().0);
    records.start(CALL, wish(file.clone()));
    record(&mut records, &frames(500.0, 200), &frames(1200.0, 200));
    records.finish();
    let mut player = Player::start(file, 1000);
    let (mut sound, mut last) = (Vec::new(), None);
    loop {
        let mut frame = [0.0; FRAME];
        let (told, on) = player.mix(&mut frame);
        if let Some(Playback::Ended) = told {
            break;
        }
        last = told.or(last);
        assert!(on, "{last:?}");
        if frame.iter().any(|sample| *sample != 0.0) {
            sound.extend_from_slice(&frame);
        } else {
            std::thread::yield_now();
        }
    }
    assert!((45_000..=48_000).contains(&sound.len()), "{}", sound.len());
    assert!(share_of_tone(&sound[4800..40_000], 500.0, RATE) > 0.4);
    assert!(share_of_tone(&sound[4800..40_000], 1200.0, RATE) > 0.4);
    assert!(
        matches!(
            last,
            Some(Playback::At {
                length_ms: 1980..=2000,
                ..
            })
        ),
        "{last:?}"
    );
}

#[test]
fn a_file_that_is_no_recording_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let mut player = Player::start(folder.path().join("gone.wav"), 0);
    let told = loop {
        let (told, on) = player.mix(&mut [0.0; FRAME]);
        if !on {
            break told;
        }
        std::thread::yield_now();
    };
    assert!(matches!(told, Some(Playback::Failed { .. })), "{told:?}");
}
