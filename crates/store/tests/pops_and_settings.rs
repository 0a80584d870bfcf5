//! The pop log, and what a person has set.
#![allow(clippy::unwrap_used, clippy::expect_used)]
mod common;
use common::past;
use parley_store::{
    HistoryId, KnownDevice, NewPop, NoiseReduction, OnClose, Outcome, PopId, PopOutcome, PopTrigger, RecordPolicy,
    Ringtone, Settings, SoundChoice, SoundRole, Store, StoreError, Theme, VoiceSettings,
};

fn pop(entry: HistoryId, at: i64) -> NewPop {
    NewPop {
        entry,
        caller: "Anna".into(),
        at,
        trigger: PopTrigger::Answered,
        target: format!("https://a.example/{at}"),
    }
}

#[test]
fn a_pop_is_logged_with_its_outcome_and_shown_with_its_call() {
    let mut store = Store::open_in_memory().unwrap();
    let entry = past(&mut store, "Anna", "030", Outcome::Answered);
    let id = store.log_pop(&pop(entry, 1)).unwrap();
    assert_eq!(store.pop(id).unwrap().outcome, PopOutcome::Opening);
    for outcome in [
        PopOutcome::Failed {
            text: "No browser.".into(),
        },
        PopOutcome::Opened { millis: 12 },
    ] {
        store.set_pop_outcome(id, &outcome).unwrap();
        let logged = store.pop(id).unwrap();
        assert_eq!((logged.pop, logged.outcome), (pop(entry, 1), outcome));
    }
    store.log_pop(&pop(entry, 2)).unwrap();
    assert_eq!(store.entry(entry).unwrap().pop, "https://a.example/2");
    assert_eq!(
        store.set_pop_outcome(PopId(99), &PopOutcome::Opening),
        Err(StoreError::NotFound)
    );
}

#[test]
fn the_newest_thousand_pops_are_kept() {
    let mut store = Store::open_in_memory().unwrap();
    let entry = past(&mut store, "Anna", "030", Outcome::Answered);
    for at in 0..1010 {
        store.log_pop(&pop(entry, at)).unwrap();
    }
    let log = store.pop_log(5000).unwrap();
    assert_eq!((log.len(), log[0].pop.at, log[999].pop.at), (1000, 1009, 10));
    assert_eq!(store.pop_log(3).unwrap().len(), 3);
}

#[test]
fn settings_have_defaults_and_are_saved_as_a_whole() {
    let mut store = Store::open_in_memory().unwrap();
    assert_eq!(store.settings(), Ok(Settings::default()));
    let mut settings = Settings {
        theme: Theme::Dark,
        mute_calls_during_call: true,
        allowed_schemes: vec!["crm".into(), "callto".into()],
        custom_parameters: [
            ("id".to_owned(), "1234-5678".to_owned()),
            ("empty".to_owned(), String::new()),
        ]
        .into(),
        dial_links_at_once: true,
        on_close: OnClose::Hide,
        alert_unreachable: false,
        ring_volume: 35,
        emergency_numbers: vec!["110".into()],
        record_calls: RecordPolicy::Always,
        announce_recording: false,
        hold_tune: false,
        ringtone: Ringtone::Bell,
        tone_country: "DE".into(),
        voice: VoiceSettings {
            cancel_echo: false,
            noise: NoiseReduction::Strong,
            gain: false,
            limit_shocks: false,
            level_callers: false,
            clean_callers: true,
        },
    };
    store.save_settings(&settings).unwrap();
    assert_eq!(store.settings().as_ref(), Ok(&settings));
    settings.custom_parameters.remove("id");
    settings.allowed_schemes.clear();
    settings.emergency_numbers.clear();
    settings.ring_volume = 200;
    store.save_settings(&settings).unwrap();
    settings.ring_volume = 100;
    assert_eq!(store.settings(), Ok(settings));
}

#[test]
fn devices_and_small_things_are_remembered_until_forgotten() {
    let mut store = Store::open_in_memory().unwrap();
    let known = |id: &str, name: &str| KnownDevice {
        id: id.to_owned(),
        name: name.to_owned(),
    };
    let order = [known("alsa:hw0", "Head\tset"), known("alsa:hw1", "Desk")];
    store.choose_devices(SoundRole::Speaker, &order).unwrap();
    store.choose_devices(SoundRole::SecondRing, &order[1..]).unwrap();
    store.choose_devices(SoundRole::Ring, &order).unwrap();
    store.choose_devices(SoundRole::Ring, &[]).unwrap();
    let expected = SoundChoice {
        speaker: vec![known("alsa:hw0", "Head set"), known("alsa:hw1", "Desk")],
        second_ring: vec![known("alsa:hw1", "Desk")],
        ..SoundChoice::default()
    };
    assert_eq!(store.sound_choice(), Ok(expected));
    store.remember("theme", Some("not the theme")).unwrap();
    assert_eq!(store.remembered("theme").unwrap().as_deref(), Some("not the theme"));
    assert_eq!(store.settings().unwrap().theme, Theme::System);
    store.remember("theme", None).unwrap();
    assert_eq!(store.remembered("theme"), Ok(None));
}
