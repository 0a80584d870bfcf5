//! Which calls are recorded, and how they are heard again.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs)]

mod support;

use parley_engine::core::{CoreConfig, StoreCommand, Wake};
use parley_engine::{RecordPolicy, RecordingView, RefusalCode, Request, Settings};
use parley_media::{MediaEvent, Playback, RecordingFault, SessionId};
use support::{Desk, Did, Far};

fn desk(policy: RecordPolicy) -> Desk {
    Desk::with(CoreConfig {
        recordings: Some("/data/recordings".into()),
        settings: Some(Settings {
            record_calls: policy,
            ..Settings::default()
        }),
        ..support::config()
    })
}

fn recordings(desk: &Desk) -> Vec<(SessionId, String, bool)> {
    let told = desk.did.iter().filter_map(|did| match did {
        Did::Record(session, wish) => Some((*session, wish.file.to_str()?.to_owned(), wish.announce)),
        _ => None,
    });
    told.collect()
}

#[test]
fn a_call_is_recorded_when_the_person_says_so_and_its_entry_knows() {
    let mut desk = desk(RecordPolicy::OnRequest);
    let call = Far::pick_up(&mut desk, "600");
    assert_eq!(recordings(&desk), []);
    desk.ask(Request::Record { call, on: true }).unwrap();
    let told = recordings(&desk);
    assert_eq!(told.len(), 1);
    assert!(told[0].1.starts_with("/data/recordings/call-1700000"), "{}", told[0].1);
    assert!(!told[0].1.contains("600"), "nothing of the caller is in the name");
    assert!(told[0].2, "announced unless the person does not want it");
    assert_eq!(desk.call().recording, RecordingView::Running);
    let noted = desk.did.iter().any(
        |did| matches!(did, Did::Store(StoreCommand::Recorded(id, file)) if id.0 == call && told[0].1.ends_with(file)),
    );
    assert!(noted);
    desk.ask(Request::PauseRecording { call, on: true }).unwrap();
    assert_eq!(desk.call().recording, RecordingView::Paused);
    assert!(desk.did.iter().any(|did| matches!(did, Did::PauseRecording(_, true))));
    desk.ask(Request::Record { call, on: false }).unwrap();
    assert_eq!(desk.call().recording, RecordingView::Off);
    assert!(desk.did.iter().any(|did| matches!(did, Did::StopRecording(_))));
    let refused = desk.ask(Request::PauseRecording { call, on: true }).unwrap_err();
    assert_eq!(refused.code, RefusalCode::NotNow);
}

#[test]
fn where_all_calls_are_recorded_it_begins_with_the_answer() {
    let mut desk = desk(RecordPolicy::Always);
    Far::pick_up(&mut desk, "600");
    assert_eq!(recordings(&desk).len(), 1);
    assert_eq!(desk.call().recording, RecordingView::Running);
}

#[test]
fn where_no_call_is_recorded_nobody_can_begin_to() {
    let mut desk = desk(RecordPolicy::Never);
    let call = Far::pick_up(&mut desk, "600");
    let refused = desk.ask(Request::Record { call, on: true }).unwrap_err();
    assert_eq!(refused.code, RefusalCode::NotNow);
    assert_eq!(recordings(&desk), []);
}

#[test]
fn without_a_data_folder_no_call_can_be_recorded() {
    let mut desk = Desk::new();
    let call = Far::pick_up(&mut desk, "600");
    assert!(desk.ask(Request::Record { call, on: true }).is_err());
    assert_eq!(recordings(&desk), []);
}

#[test]
fn a_full_disk_is_said_and_the_call_goes_on() {
    let mut desk = desk(RecordPolicy::OnRequest);
    let call = Far::pick_up(&mut desk, "600");
    desk.ask(Request::Record { call, on: true }).unwrap();
    let session = recordings(&desk)[0].0;
    let why = RecordingFault::DiskFull;
    desk.wake(Wake::Media(MediaEvent::RecordingFailed { session, why }));
    assert_eq!(desk.call().recording, RecordingView::Off);
    assert!(desk.call().end.is_none());
    let notices = desk.snapshot().notices;
    assert!(
        notices.iter().any(|notice| notice.text.contains("disk is full")),
        "{notices:?}"
    );
}

#[test]
fn a_recording_is_played_between_calls_only() {
    let mut desk = desk(RecordPolicy::OnRequest);
    let ask = desk.ask_later(Request::PlayRecording { entry: 3, at_ms: 500 });
    let recalled = parley_engine::core::Recalled {
        entry: parley_store::Entry {
            recording: "call-1-1.wav".into(),
            ..support::entry(3, 1, "600")
        },
        headers: Vec::new(),
    };
    desk.tell_store(parley_engine::core::StoreAnswer::Recalled(
        ask,
        Some(Box::new(recalled)),
    ));
    desk.answer(ask).unwrap().unwrap();
    let played = desk.did.iter().any(
        |did| matches!(did, Did::Play(file, 500) if file == std::path::Path::new("/data/recordings/call-1-1.wav")),
    );
    assert!(played);
    let (at_ms, length_ms, paused) = (600, 9000, false);
    let at = Playback::At {
        at_ms,
        length_ms,
        paused,
    };
    desk.wake(Wake::Media(MediaEvent::Playback(at)));
    Far::pick_up(&mut desk, "600");
    assert!(
        desk.did.iter().any(|did| matches!(did, Did::StopPlayback)),
        "a call takes the sound"
    );
    assert!(desk.ask(Request::PlayRecording { entry: 3, at_ms: 0 }).is_err());
}
