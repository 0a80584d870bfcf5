//! A phone that stands still longer than its registration lives, as in the sleep of a computer, and is reached again right after.
use crate::line::{Line, REGISTRAR, call, heard_so_far, talks, talks_after};
use parley_tests::eventually;
use parley_tests::kamailio::Kamailio;
use parley_tests::phone::Phone;
use serde_json::json;
use std::process::Command;
use std::time::{Duration, Instant};

/// How soon a phone must be registered again after it wakes.
const AGAIN: Duration = Duration::from_secs(3);
/// How long a registration lives here, in seconds.
const LIVES: u32 = 10;

/// A phone that stands still until this is dropped.
struct Asleep(u32);

impl Asleep {
    fn fall(phone: &Phone) -> Asleep {
        assert!(signal("-STOP", phone.pid()));
        Asleep(phone.pid())
    }
}

impl Drop for Asleep {
    fn drop(&mut self) {
        signal("-CONT", self.0);
    }
}

fn signal(name: &str, pid: u32) -> bool {
    let sent = Command::new("kill").arg(name).arg(pid.to_string()).status();
    sent.is_ok_and(|status| status.success())
}

fn woken(transport: &str) {
    let kamailio = Kamailio::start(REGISTRAR, LIVES);
    let anna = Line::of("1001").over(transport).registered();
    let mut ben = Line::of("1002").over(transport).listening("10.77.0.3").registered();
    let asleep = Asleep::fall(&anna);
    eventually("the registration is over", Duration::from_secs(20), || {
        kamailio.expired("1001").then_some(())
    });
    drop(asleep);
    let woke = Instant::now();
    eventually("registered again after the sleep", AGAIN, || {
        (!kamailio.expired("1001")).then_some(())
    });
    println!("registered {:?} after waking, over {transport}", woke.elapsed());
    anna.registered();
    let called = ben.ask(json!({ "type": "dial", "target": "1001" }))["call"].clone();
    assert_eq!(anna.call_in("incoming")["remote"]["number"], "1002");
    ben.ask(json!({ "type": "hang_up", "call": called }));
    anna.no_live_call();
}

#[test]
fn a_phone_that_slept_longer_than_its_registration_lived_is_reached_again_over_udp() {
    woken("udp");
}

#[test]
fn a_phone_that_slept_longer_than_its_registration_lived_is_reached_again_over_tcp() {
    woken("tcp");
}

/// The lid closed for some seconds in a call: whoever waited is talked to again.
#[test]
fn a_call_that_was_slept_through_for_some_seconds_goes_on() {
    let kamailio = Kamailio::start(REGISTRAR, LIVES);
    let mut anna = Line::of("1001").speaking(1000.0).registered();
    let mut ben = Line::of("1002").listening("10.77.0.3").speaking(600.0).registered();
    let (out, _) = call(&mut anna, &mut ben, "1002");
    talks(&anna, 600.0, 0.5);
    talks(&ben, 1000.0, 0.5);
    let asleep = Asleep::fall(&anna);
    eventually("the registration is over", Duration::from_secs(20), || {
        kamailio.expired("1001").then_some(())
    });
    drop(asleep);
    eventually("registered again after the sleep", AGAIN, || {
        (!kamailio.expired("1001")).then_some(())
    });
    let (at_anna, at_ben) = (heard_so_far(&anna), heard_so_far(&ben));
    talks_after(&anna, at_anna + 0.2, 600.0, 1.0);
    talks_after(&ben, at_ben + 0.2, 1000.0, 1.0);
    anna.ask(json!({ "type": "hang_up", "call": out }));
    ben.no_live_call();
}
