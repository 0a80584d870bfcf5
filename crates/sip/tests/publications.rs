//! Our own presence at the server (RFC 3903).
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use common::events::*;
use common::*;
use parley_sip::Request;
use parley_sip::bodies::{Activity, Pidf, PresenceDocument};
use parley_sip::endpoint::{Event, PublicationState, SubscriptionEnd};
use parley_testkit::{LINE, Peer, Phone};

fn publish(alice: &Phone, document: Option<PresenceDocument>) {
    alice
        .with(|endpoint, now| endpoint.publish(now, LINE, document))
        .unwrap();
}

fn take(pbx: &Peer, request: &Request, tag: &str, seconds: u32) {
    pbx.reply_with(request, 200, |response| {
        response.headers.push("SIP-ETag", tag);
        response.headers.push("Expires", seconds);
    });
}

fn expect_published(alice: &Phone) -> PublicationState {
    alice.expect("news of the publication", |event| match event {
        Event::Published { state, .. } => Some(state.clone()),
        _ => None,
    })
}

/// The note in the document, the entity tag matched and the time asked for.
fn said(request: &Request) -> (Option<String>, Option<&str>, u32) {
    let note = Pidf::read(&request.body).ok().and_then(|pidf| pidf.note);
    (note, request.headers.get("SIP-If-Match"), expires(request))
}

#[test]
fn a_document_is_published_refreshed_changed_and_taken_away() {
    let (network, alice, pbx) = at_the_exchange();
    publish(&alice, Some(document("One")));
    let first = pbx.expect("PUBLISH");
    assert_eq!(first.uri.to_string(), "sip:alice@pbx.example");
    assert_eq!(first.headers.get("Event"), Some("presence"));
    assert_eq!(first.headers.get("Content-Type"), Some("application/pidf+xml"));
    assert_eq!(said(&first), (Some("One".into()), None, 600));
    assert_eq!(Pidf::read(&first.body).unwrap().entity, "sip:alice@pbx.example");
    take(&pbx, &first, "a", 600);
    assert_eq!(expect_published(&alice), PublicationState::Published);

    let start = network.elapsed();
    let refresh = pbx.expect_within("PUBLISH", seconds(600));
    assert!((seconds(355)..seconds(455)).contains(&(network.elapsed() - start)));
    assert!(refresh.body.is_empty());
    assert_eq!(said(&refresh), (None, Some("a"), 600));
    take(&pbx, &refresh, "b", 600);

    network.run_for(seconds(1));
    publish(&alice, Some(document("Two")));
    let change = pbx.expect("PUBLISH");
    assert_eq!(said(&change), (Some("Two".into()), Some("b"), 600));
    take(&pbx, &change, "c", 600);

    network.run_for(seconds(1));
    publish(&alice, None);
    let removal = pbx.expect("PUBLISH");
    assert!(removal.body.is_empty());
    assert_eq!(said(&removal), (None, Some("c"), 0));
    take(&pbx, &removal, "d", 0);
    assert_eq!(expect_published(&alice), PublicationState::Removed);
    pbx.expect_no("PUBLISH");
}

#[test]
fn a_server_that_forgot_it_gets_the_whole_document_again() {
    let (_network, alice, pbx) = at_the_exchange();
    publish(&alice, Some(document("One")));
    take(&pbx, &pbx.expect("PUBLISH"), "a", 60);
    let refresh = pbx.expect("PUBLISH");
    pbx.reply(&refresh, 412);
    let again = pbx.expect("PUBLISH");
    assert_eq!(said(&again), (Some("One".into()), None, 600));
    take(&pbx, &again, "b", 60);
    assert_eq!(expect_published(&alice), PublicationState::Published);
    assert_eq!(said(&pbx.expect("PUBLISH")).1, Some("b"));
}

#[test]
fn an_interval_that_is_too_brief_is_asked_for_longer() {
    let (_network, alice, pbx) = at_the_exchange();
    publish(&alice, Some(document("One")));
    pbx.reply_with(&pbx.expect("PUBLISH"), 423, |response| {
        response.headers.push("Min-Expires", 3600);
    });
    assert_eq!(said(&pbx.expect("PUBLISH")), (Some("One".into()), None, 3600));
}

#[test]
fn what_changes_while_the_server_thinks_follows_its_answer() {
    let (_network, alice, pbx) = at_the_exchange();
    publish(&alice, Some(document("One")));
    let first = pbx.expect("PUBLISH");
    publish(&alice, Some(document("Two")));
    publish(&alice, Some(document("Three")));
    assert_eq!(pbx.count("PUBLISH"), 0);
    take(&pbx, &first, "a", 600);
    let last = pbx.expect("PUBLISH");
    assert_eq!(said(&last), (Some("Three".into()), Some("a"), 600));
    take(&pbx, &last, "b", 600);
    pbx.expect_no("PUBLISH");
}

#[test]
fn a_removal_that_overtakes_its_publication_follows_it() {
    let (_network, alice, pbx) = at_the_exchange();
    publish(&alice, Some(document("One")));
    let first = pbx.expect("PUBLISH");
    publish(&alice, None);
    take(&pbx, &first, "a", 600);
    let removal = pbx.expect("PUBLISH");
    assert_eq!(said(&removal), (None, Some("a"), 0));
    take(&pbx, &removal, "a", 0);
    assert_eq!(expect_published(&alice), PublicationState::Removed);
}

#[test]
fn a_server_without_presence_is_not_asked_again_until_something_changes() {
    let (_network, alice, pbx) = at_the_exchange();
    publish(&alice, Some(document("One")));
    pbx.reply(&pbx.expect("PUBLISH"), 405);
    assert!(matches!(
        expect_published(&alice),
        PublicationState::Failed {
            why: SubscriptionEnd::Refused { code: 405, .. },
            retry_in: None
        }
    ));
    pbx.expect_no("PUBLISH");
    publish(&alice, Some(document("Two")));
    pbx.expect("PUBLISH");
}

#[test]
fn a_server_in_trouble_is_tried_again_after_a_pause() {
    let (network, alice, pbx) = at_the_exchange();
    publish(&alice, Some(document("One")));
    pbx.reply(&pbx.expect("PUBLISH"), 500);
    let start = network.elapsed();
    let again = pbx.expect("PUBLISH");
    assert!(network.elapsed() - start >= seconds(2));
    take(&pbx, &again, "a", 600);
    assert!(matches!(expect_published(&alice), PublicationState::Failed { .. }));
    assert_eq!(expect_published(&alice), PublicationState::Published);
}

#[test]
fn logging_out_takes_the_presence_away_with_credentials() {
    let (_network, alice, pbx) = at_the_exchange();
    publish(&alice, Some(document("One")));
    take(&pbx, &pbx.expect("PUBLISH"), "a", 600);
    expect_published(&alice);
    alice.with(|endpoint, now| endpoint.remove_account(now, LINE));
    let removal = pbx.expect("PUBLISH");
    assert_eq!(said(&removal), (None, Some("a"), 0));
    pbx.reply_with(&removal, 401, |response| {
        let challenge = "Digest realm=\"pbx.example\", nonce=\"n\", qop=\"auth\"";
        response.headers.push("WWW-Authenticate", challenge);
    });
    let proven = pbx.expect("PUBLISH");
    assert!(proven.headers.has("Authorization"));
    assert!(proven.headers.cseq().unwrap().number > removal.headers.cseq().unwrap().number);
    assert_eq!(said(&proven), (None, Some("a"), 0));
    take(&pbx, &proven, "b", 0);
    pbx.expect_no("PUBLISH");
}

#[test]
fn numbers_go_on_after_a_challenge() {
    let (_network, alice, pbx) = at_the_exchange();
    publish(&alice, Some(document("One")));
    pbx.reply_with(&pbx.expect("PUBLISH"), 401, |response| {
        let challenge = "Digest realm=\"pbx.example\", nonce=\"n\", qop=\"auth\"";
        response.headers.push("WWW-Authenticate", challenge);
    });
    let proven = pbx.expect("PUBLISH");
    take(&pbx, &proven, "a", 60);
    let refresh = pbx.expect("PUBLISH");
    assert_eq!(refresh.headers.call_id(), proven.headers.call_id());
    assert_eq!(
        refresh.headers.cseq().unwrap().number,
        proven.headers.cseq().unwrap().number + 1
    );
}

#[test]
fn a_server_that_was_away_is_told_again() {
    let (network, alice, pbx) = at_the_exchange();
    publish(&alice, Some(document("One")));
    take(&pbx, &pbx.expect("PUBLISH"), "a", 3600);
    network.unplug(BOB);
    alice.expect("a failed registration", |event| match event {
        Event::Registration { state, .. } => {
            matches!(state, parley_sip::endpoint::RegistrationState::Failed { .. }).then_some(())
        }
        _ => None,
    });
    network.plug_in(BOB);
    assert_eq!(said(&pbx.expect("PUBLISH")), (None, Some("a"), 600));
}

#[test]
fn do_not_disturb_is_written_so_that_it_is_read_again() {
    let document = PresenceDocument {
        open: false,
        activities: vec![
            Activity::DoNotDisturb,
            Activity::Busy,
            Activity::Away,
            Activity::Other("meeting".into()),
        ],
        note: Some("<b>\"Fish & Chips\"</b> & 'more' \u{1}".into()),
    };
    let pidf = Pidf::read(&document.write("sip:a&b@x", "7")).unwrap();
    assert_eq!(pidf.entity, "sip:a&b@x");
    assert_eq!(pidf.open, Some(false));
    assert_eq!(pidf.activities, document.activities);
    assert_eq!(pidf.note.as_deref(), Some("<b>\"Fish & Chips\"</b> & 'more'"));
}
