//! The far end asks for another call, or puts another one in the place of its own.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs)]

mod support;

use parley_engine::{AccountOptions, CallState, EndReason, PopMode, ReferralPolicy, Reply, Request};
use support::{Desk, Far, sdp, with_pop};

fn policy(referrals: ReferralPolicy) -> Desk {
    Desk::line(AccountOptions {
        referrals,
        ..AccountOptions::default()
    })
}

#[test]
fn the_person_is_asked_and_the_far_end_hears_how_it_goes() {
    let mut desk = Desk::new();
    let mut far = Far::talk("a", &mut desk);
    let call = desk.call().id;
    far.refer(&mut desk, "sip:300@10.0.0.2");
    let referral = desk.call().referral.unwrap();
    assert_eq!((referral.target.as_str(), referral.by.as_str()), ("300", "Ann"));
    desk.expect_no("INVITE");
    let Ok(Reply::Call { call: new }) = desk.ask(Request::AnswerReferral { call, accept: true }) else {
        panic!("not called")
    };
    desk.expect("202 REFER");
    let trying = desk.expect("NOTIFY");
    assert!(body(&trying).starts_with("SIP/2.0 100"));
    // One request after the other: the hold waits for the answer to the news.
    Far::reply(&mut desk, &trying, 200, "");
    Far::agrees(&mut desk);
    let invite = desk.expect("INVITE sip:300@");
    assert!(
        invite
            .headers()
            .get("Referred-By")
            .unwrap()
            .contains("sip:ann@10.0.0.2")
    );
    Far::reply(&mut desk, &invite, 180, "");
    let ringing = desk.expect("NOTIFY");
    assert!(body(&ringing).starts_with("SIP/2.0 180"));
    Far::reply(&mut desk, &ringing, 200, "");
    Far::reply(&mut desk, &invite, 200, &sdp(5004, "sendrecv"));
    assert!(body(&desk.expect("NOTIFY")).starts_with("SIP/2.0 200"));
    far.bye(&mut desk);
    assert_eq!(desk.call_of(new).state, CallState::Active);
    assert_eq!(desk.focus(), [new]);
}

fn body(message: &parley_sip::Message) -> String {
    let parley_sip::Message::Request(request) = message else {
        panic!()
    };
    String::from_utf8_lossy(&request.body).into_owned()
}

#[test]
fn a_far_end_that_leaves_while_the_person_thinks_loses_nobody() {
    let mut desk = Desk::new();
    let mut far = Far::talk("a", &mut desk);
    let call = desk.call().id;
    far.refer(&mut desk, "sip:300@10.0.0.2");
    desk.wait_s(4);
    desk.expect("202 REFER");
    far.bye(&mut desk);
    assert_eq!(desk.call().state, CallState::Ended);
    desk.ask(Request::AnswerReferral { call, accept: true }).unwrap();
    desk.expect("INVITE sip:300@");
}

#[test]
fn it_is_refused_by_the_person_by_policy_and_by_silence() {
    let mut desk = Desk::new();
    let mut far = Far::talk("a", &mut desk);
    let call = desk.call().id;
    far.refer(&mut desk, "sip:300@10.0.0.2");
    desk.ask(Request::AnswerReferral { call, accept: false }).unwrap();
    desk.expect("603 REFER");
    assert_eq!(desk.call().referral, None);

    let mut desk = policy(ReferralPolicy::Never);
    let mut far = Far::talk("a", &mut desk);
    far.refer(&mut desk, "sip:300@10.0.0.2");
    desk.expect("603 REFER");
    assert_eq!(desk.call().referral, None);

    let mut desk = Desk::new();
    let mut far = Far::talk("a", &mut desk);
    far.refer(&mut desk, "sip:300@10.0.0.2");
    desk.wait_s(26);
    assert_eq!(desk.call().referral, None);
    assert_eq!(desk.call().state, CallState::Active);
    desk.expect_no("INVITE");
}

#[test]
fn a_line_may_follow_without_asking_but_never_to_an_emergency_number() {
    let mut desk = policy(ReferralPolicy::Always);
    let mut far = Far::talk("a", &mut desk);
    far.refer(&mut desk, "sip:300@10.0.0.2");
    desk.expect("202 REFER");
    let trying = desk.expect("NOTIFY");
    Far::reply(&mut desk, &trying, 200, "");
    Far::agrees(&mut desk);
    desk.expect("INVITE sip:300@");

    let mut desk = policy(ReferralPolicy::Always);
    let mut far = Far::talk("a", &mut desk);
    far.refer(&mut desk, "sip:112@10.0.0.2");
    desk.expect_no("INVITE");
    assert!(desk.call().referral.is_some());
}

#[test]
fn a_call_in_place_of_another_one_is_taken_without_ringing_and_pops_once() {
    let target = "https://crm.example/$caller$";
    let mut desk = Desk::with(with_pop(PopMode::OnIncoming, target));
    let far = Far::talk("a", &mut desk);
    let old = desk.call().id;
    assert_eq!(desk.launched().len(), 1);
    let rings = desk.rings().len();
    let mut customer = Far::from("b", "\"Customer\" <sip:0800@10.0.0.2>");
    customer.invite(&mut desk, &far.replaces());
    let ok = desk.expect("200 INVITE");
    customer.took(&ok);
    customer.ack(&mut desk);
    desk.expect("BYE");
    assert_eq!(desk.rings().len(), rings, "nothing rang");
    assert_eq!(
        desk.launched(),
        ["https://crm.example/%2B441632960123", "https://crm.example/0800"]
    );
    let new = desk.calls().last().unwrap().id;
    assert_eq!(desk.call_of(old).end.unwrap().reason, EndReason::Replaced);
    assert_eq!(desk.focus(), [new]);
    let history = desk.history();
    let ends = history.iter().filter(|line| line.starts_with("ended")).count();
    assert_eq!((ends, desk.call_of(new).state), (1, CallState::Active), "{history:?}");
}

#[test]
fn the_same_caller_on_another_way_does_not_pop_again() {
    let mut desk = Desk::with(with_pop(PopMode::OnIncoming, "https://crm.example/$caller$"));
    let far = Far::talk("a", &mut desk);
    let mut again = Far::new("b");
    again.invite(&mut desk, &far.replaces());
    desk.expect("200 INVITE");
    assert_eq!(desk.launched().len(), 1);
}

#[test]
fn a_line_that_lets_nobody_decide_refuses_the_replacement() {
    let mut desk = policy(ReferralPolicy::Never);
    let far = Far::talk("a", &mut desk);
    Far::new("b").invite(&mut desk, &far.replaces());
    desk.expect("403 INVITE");
    assert_eq!(desk.call().state, CallState::Active);
}
