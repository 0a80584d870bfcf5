//! Our own phone on the practice exchange over a network that loses, repeats and reorders (everything by seed).
#![allow(clippy::unwrap_used, missing_docs)]
mod office;
use office::*;
use parley_sip::Transport;
use parley_sip::endpoint::{EndCause, Event, Package, TransferProgress};
use parley_testkit::{Conditions, LINE};

const SEEDS: u64 = 60;

fn lossy(seed: u64) -> Office {
    let office = office_by_seed(seed);
    office.network.set_conditions(Conditions::lossy(0.2));
    office
}

#[test]
fn early_sound_is_agreed_on_and_the_call_ends_for_both() {
    for seed in 0..SEEDS {
        let office = lossy(seed);
        let phone = office.phone("100", 6000, Transport::Udp);
        let call = phone.dial("605");
        let early = phone.expect_progress(call, 183);
        assert!(early.is_some(), "seed {seed}");
        phone.expect_answered(call);
        phone.hang_up(call);
        assert_eq!(phone.expect_ended(call), EndCause::HungUpByUs, "seed {seed}");
        // Else there is always a sign of life of the phone on its way.
        phone.with(|endpoint, now| endpoint.remove_account(now, LINE));
        office.wait(120.0);
        assert_eq!(office.open(), 0, "seed {seed}\n{}", office.network.trace());
    }
}

#[test]
fn holds_and_refreshes_are_agreed_on_for_minutes() {
    for seed in 0..SEEDS {
        for number in ["609", "614"] {
            let office = lossy(seed);
            let phone = office.phone("100", 6000, Transport::Udp);
            let call = phone.talk_to(number);
            office.wait(90.0);
            let events = phone.events();
            let over = events
                .iter()
                .any(|event| matches!(event, Event::Ended { session, .. } if *session == call));
            assert!(!over, "{number}, seed {seed}\n{}", office.network.trace());
            let offers = events
                .iter()
                .filter(|event| matches!(event, Event::Reoffered { .. }))
                .count();
            assert!(offers >= 5, "{number}, seed {seed}: {offers}");
        }
    }
}

#[test]
fn the_lamp_ends_as_the_mailbox_is() {
    for seed in 0..SEEDS {
        let office = lossy(seed);
        let phone = office.phone("100", 6000, Transport::Udp);
        let lamp = phone.watch(Package::MessageSummary, "100");
        phone.told(lamp, |notice| messages(notice).map(|_| ()));
        let call = phone.talk_to("612");
        phone.hang_up(call);
        phone.told(lamp, |notice| messages(notice).filter(|told| told.waiting).map(|_| ()));
        phone.dial("613");
        phone.told(lamp, |notice| messages(notice).filter(|told| !told.waiting).map(|_| ()));
    }
}

#[test]
fn a_parked_call_is_fetched() {
    for seed in 0..SEEDS {
        let office = lossy(seed);
        let phone = office.phone("100", 6000, Transport::Udp);
        let call = phone.talk_to("600");
        // The answer is there; what it answers may still be on its way.
        office.wait(2.0);
        phone
            .with(|endpoint, now| endpoint.refer(now, call, at("700").parse().unwrap()))
            .unwrap();
        phone.expect("the transfer", |event| match event {
            Event::Transfer { progress, .. } => match progress {
                TransferProgress::Succeeded => Some(()),
                TransferProgress::Failed { .. } => panic!("seed {seed}: {progress:?}\n{}", office.network.trace()),
                _ => None,
            },
            _ => None,
        });
        phone.hang_up(call);
        phone.talk_to("700");
    }
}
