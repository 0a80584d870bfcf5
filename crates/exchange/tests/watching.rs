//! Who watches a line sees its calls, and can take the one that rings there.
#![allow(clippy::unwrap_used, missing_docs)]
mod town;
use parley_exchange::*;
use parley_sip::bodies::{Dialog, DialogDirection, DialogInfo, DialogState};
use parley_sip::headers::ReplacesTarget;
use parley_sip::{Method, Request, Response};
use town::*;

fn me() -> Peer {
    udp(6000)
}

fn colleague() -> Peer {
    tcp(7000)
}

/// What the watcher is told: the documents since one last asked.
fn news(town: &mut Town) -> Vec<DialogInfo> {
    let read = |notify: &Request| DialogInfo::read(&notify.body).unwrap();
    town.news(me()).iter().map(read).collect()
}

fn states(town: &mut Town) -> Vec<Vec<DialogState>> {
    let of_all = |document: DialogInfo| document.dialogs.iter().map(|dialog| dialog.state).collect();
    news(town).into_iter().map(of_all).collect()
}

fn watch(town: &mut Town, number: &str) {
    let (_, ok) = town.subscribe("100", "dialog", number, me());
    assert_eq!(ok.code(), 200);
    assert_eq!(states(town), [vec![]]);
}

fn dial(town: &mut Town, number: &str) -> (Request, Response) {
    let invite = town.request(Method::Invite, "100", number, me());
    town.send(me(), invite.clone());
    town.wait(4.0);
    let ok = town.responses(me()).pop().unwrap();
    assert_eq!(ok.code(), 200, "{number}");
    town.send(me(), inside(&invite, &ok, Method::Ack, 1));
    (invite, ok)
}

/// The call that rings, as an INVITE to the target the document names would name it.
fn pick(dialog: &Dialog) -> ReplacesTarget {
    ReplacesTarget {
        call_id: dialog.call_id.clone().unwrap(),
        to_tag: dialog.remote_tag.clone().unwrap(),
        from_tag: dialog.local_tag.clone().unwrap(),
        early_only: true,
    }
}

fn invite_replacing(town: &mut Town, to: &str, named: &ReplacesTarget) -> Request {
    let mut invite = town.request(Method::Invite, "100", to, me());
    invite.headers.push("Replaces", named);
    invite.headers.push("Require", "replaces");
    town.send(me(), invite.clone());
    invite
}

/// 611 lets somebody ring 610; what a watcher sees.
fn ringing_colleague(town: &mut Town) -> Dialog {
    town.register("100", me());
    watch(town, "610");
    dial(town, "611");
    let document = news(town).pop().unwrap();
    town.requests(me());
    assert!(document.full);
    document.dialogs.into_iter().next().unwrap()
}

#[test]
fn a_call_between_users_is_seen_from_both_ends_until_it_is_over() {
    let mut town = town();
    town.register("100", me());
    town.register("200", colleague());
    watch(&mut town, "200");
    let third = udp(8000);
    town.register("100", third);
    let invite = town.request(Method::Invite, "100", "200", third);
    town.send(third, invite.clone());
    let trying = news(&mut town).remove(0);
    assert_eq!(trying.dialogs[0].state, DialogState::Trying);
    assert_eq!(trying.dialogs[0].direction, Some(DialogDirection::Recipient));
    let copy = town.one_request(colleague(), Method::Invite);
    town.send(colleague(), answer(&copy, 180, "200", colleague()));
    let early = news(&mut town).remove(0);
    let seen = &early.dialogs[0];
    assert_eq!((early.version, seen.state), (2, DialogState::Early));
    assert!(seen.is_ringing());
    assert_eq!(seen.call_id.as_deref(), invite.headers.call_id());
    assert_eq!(seen.remote_tag.as_deref(), invite.headers.from().unwrap().tag());
    assert_eq!(seen.local_tag.as_deref(), Some("p7000"));
    assert_eq!(seen.remote.target.as_deref(), Some("sip:100@127.0.0.1:8000"));
    assert_eq!(
        seen.local.target.as_deref(),
        Some("sip:200@127.0.0.1:7000;transport=tcp")
    );
    let down = answer(&copy, 200, "200", colleague());
    town.send(colleague(), down.clone());
    let up = town.responses(third).pop().unwrap();
    assert_eq!(states(&mut town), [vec![DialogState::Confirmed]]);
    town.send(third, inside(&invite, &up, Method::Ack, 1));
    town.send(colleague(), inside_callee(&copy, &down, Method::Bye, colleague()));
    assert_eq!(states(&mut town), [vec![DialogState::Terminated]]);
    town.wait(10.0);
    assert_eq!(states(&mut town), Vec::<Vec<_>>::new());
}

#[test]
fn a_call_on_hold_is_seen_as_held() {
    let mut town = town();
    town.register("100", me());
    town.register("200", colleague());
    watch(&mut town, "200");
    let invite = town.request(Method::Invite, "200", "600", colleague());
    town.send(colleague(), invite.clone());
    town.wait(1.0);
    let ok = town.responses(colleague()).pop().unwrap();
    town.send(colleague(), inside(&invite, &ok, Method::Ack, 1));
    for (cseq, direction) in [(2, "sendonly"), (3, "sendrecv")] {
        let mut hold = inside(&invite, &ok, Method::Invite, cseq);
        hold.set_body("application/sdp", format!("{OFFER}a={direction}\r\n").into_bytes());
        town.send(colleague(), hold);
        town.send(colleague(), inside(&invite, &ok, Method::Ack, cseq));
        let seen = news(&mut town).pop().unwrap().dialogs.remove(0);
        assert_eq!(seen.direction, Some(DialogDirection::Initiator));
        assert_eq!(seen.local.is_holding(), direction == "sendonly");
    }
}

#[test]
fn a_call_nobody_takes_is_over_for_watchers_too() {
    let mut town = town();
    town.register("100", me());
    town.register("200", colleague());
    watch(&mut town, "200");
    let invite = town.request(Method::Invite, "100", "200", me());
    town.send(me(), invite.clone());
    let copy = town.one_request(colleague(), Method::Invite);
    town.send(colleague(), answer(&copy, 486, "200", colleague()));
    assert_eq!(
        states(&mut town),
        [vec![DialogState::Trying], vec![DialogState::Terminated]]
    );
}

#[test]
fn the_colleague_rings_for_twenty_seconds_when_611_is_dialled() {
    let mut town = town();
    let ringing = ringing_colleague(&mut town);
    assert!(ringing.is_ringing());
    assert_eq!(ringing.remote.display.as_deref(), Some("Maria Keller"));
    town.wait(15.0);
    assert_eq!(states(&mut town), Vec::<Vec<_>>::new());
    town.wait(5.0);
    assert_eq!(states(&mut town), [vec![DialogState::Terminated]]);
}

#[test]
fn the_call_that_rings_there_is_taken_with_replaces_or_with_the_code() {
    for way in ["caller", "watched", "code"] {
        let mut town = town();
        let ringing = ringing_colleague(&mut town);
        let named = pick(&ringing);
        let invite = match way {
            "caller" => invite_replacing(&mut town, "+441632960042", &named),
            "watched" => {
                let turned = ReplacesTarget {
                    to_tag: named.from_tag.clone(),
                    from_tag: named.to_tag.clone(),
                    ..named
                };
                invite_replacing(&mut town, "610", &turned)
            }
            _ => {
                let invite = town.request(Method::Invite, "100", "*8610", me());
                town.send(me(), invite.clone());
                invite
            }
        };
        town.wait(0.1);
        let ok = town.responses(me()).pop().unwrap();
        assert_eq!(ok.code(), 200, "{way}");
        town.send(me(), inside(&invite, &ok, Method::Ack, 1));
        assert_eq!(states(&mut town), [vec![DialogState::Terminated]], "{way}");
        let melody = town.orders.iter().rev().find_map(|order| match order {
            MediaOrder::Run { play, .. } => Some(*play),
            _ => None,
        });
        assert_eq!(melody, Some(Play::Sound(Sound::Melody)), "{way}: the caller is heard");
    }
}

#[test]
fn a_call_that_was_taken_already_cannot_be_taken_again() {
    let mut town = town();
    let ringing = ringing_colleague(&mut town);
    invite_replacing(&mut town, "610", &pick(&ringing));
    town.wait(0.1);
    town.responses(me());
    invite_replacing(&mut town, "610", &pick(&ringing));
    assert_eq!(town.codes(me()), [481]);
    let code = town.request(Method::Invite, "100", "*8610", me());
    town.send(me(), code);
    assert_eq!(town.codes(me()), [480]);
}

#[test]
fn a_call_that_rings_at_another_user_is_fetched_from_its_caller() {
    let caller = udp(8000);
    for way in ["watched", "code"] {
        let mut town = town();
        town.register("100", me());
        town.register("100", caller);
        town.register("200", colleague());
        watch(&mut town, "200");
        let call = town.request(Method::Invite, "100", "200", caller);
        town.send(caller, call.clone());
        let copy = town.one_request(colleague(), Method::Invite);
        town.send(colleague(), answer(&copy, 180, "200", colleague()));
        let seen = news(&mut town).pop().unwrap().dialogs.remove(0);
        let named = ReplacesTarget {
            to_tag: seen.local_tag.clone().unwrap(),
            from_tag: seen.remote_tag.clone().unwrap(),
            ..pick(&seen)
        };
        if way == "watched" {
            invite_replacing(&mut town, "200", &named);
        } else {
            let code = town.request(Method::Invite, "100", "*8200", me());
            town.send(me(), code);
        }
        let passed = town.one_request(caller, Method::Invite);
        assert_eq!(
            passed.headers.replaces(),
            Some(pick(&seen)),
            "{way}: as the caller knows it"
        );
        assert_eq!(passed.headers.require(), ["replaces"]);
        assert_eq!(passed.uri.to_string(), "sip:100@127.0.0.1:8000");
        town.send(caller, answer(&passed, 200, "100", caller));
        assert_eq!(town.codes(me()), [200], "{way}");
    }
}

#[test]
fn the_customer_who_calls_back_elsewhere_is_picked_up_too() {
    let mut town = town();
    town.register("100", me());
    town.register("200", colleague());
    let invite = town.request(Method::Invite, "200", "601", colleague());
    town.send(colleague(), invite.clone());
    town.wait(1.0);
    let ok = town.responses(colleague()).pop().unwrap();
    town.send(colleague(), inside(&invite, &ok, Method::Ack, 1));
    town.wait(2.0);
    let bye = town.one_request(colleague(), Method::Bye);
    town.send(colleague(), bye.respond(200, None));
    town.wait(3.0);
    let back = town.one_request(colleague(), Method::Invite);
    town.send(colleague(), answer(&back, 180, "200", colleague()));
    let code = town.request(Method::Invite, "100", "*8200", me());
    town.send(me(), code);
    town.wait(0.1);
    assert_eq!(town.codes(me()), [200]);
    let cancel = town.one_request(colleague(), Method::Cancel);
    town.send(colleague(), cancel.respond(200, None));
    town.send(colleague(), answer(&back, 487, "200", colleague()));
}
