//! The documents that events carry, as exchanges write them.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use parley_sip::bodies::{
    Activity, Applied, BodyError, Dialog, DialogDirection, DialogInfo, DialogState, DialogTable, MessageClass,
    MessageSummary, Party, Pidf,
};

#[test]
fn presence_of_asterisk_is_read() {
    let body = br#"<?xml version="1.0" encoding="UTF-8"?>
<presence entity="sip:6001@pbx.example" xmlns="urn:ietf:params:xml:ns:pidf" xmlns:pp="urn:ietf:params:xml:ns:pidf:person" xmlns:es="urn:ietf:params:xml:ns:pidf:rpid:status:rpid-status" xmlns:ep="urn:ietf:params:xml:ns:pidf:rpid:rpid-person">
 <note>On the phone</note>
 <tuple id="6001"><status><basic>open</basic></status><contact priority="1">sip:6001@pbx.example</contact></tuple>
 <pp:person><status><ep:activities><ep:busy/></ep:activities></status></pp:person>
</presence>"#;
    let pidf = Pidf::read(body).unwrap();
    assert_eq!(pidf.open, Some(true));
    assert_eq!(pidf.activities, [Activity::Busy]);
    assert_eq!(pidf.note.as_deref(), Some("On the phone"));
    assert!(pidf.is_on_the_phone());
}

#[test]
fn several_devices_of_one_person_are_one_presence() {
    let body = br#"<presence xmlns="urn:ietf:params:xml:ns:pidf" entity="pres:a@b">
 <tuple id="a"><status><basic>closed</basic></status></tuple>
 <tuple id="b"><status><basic> OPEN </basic></status><note xml:lang="en">  at my desk </note></tuple>
 <person xmlns="urn:ietf:params:xml:ns:pidf:data-model" id="p" xmlns:r="urn:ietf:params:xml:ns:pidf:rpid">
  <r:activities from="2026-01-01T00:00:00Z"><r:note>Lunch</r:note><r:meal/><r:away/><r:away/><r:unknown/></r:activities></person>
</presence>"#;
    let pidf = Pidf::read(body).unwrap();
    assert_eq!(pidf.open, Some(true));
    assert!(pidf.activities.contains(&Activity::Away) && pidf.activities.contains(&Activity::Other("meal".into())));
    assert_eq!(pidf.activities.len(), 2, "{:?}", pidf.activities);
    assert_eq!(pidf.note.as_deref(), Some("Lunch"));
}

#[test]
fn do_not_disturb_is_understood_in_every_spelling() {
    for words in [
        "<x:dnd xmlns:x='urn:cisco:params:xml:ns:pidf:rpid'/>",
        "<r:do-not-disturb/>",
        "<r:other>DND</r:other>",
        "<r:other>Do not disturb</r:other>",
    ] {
        let body = format!(
            "<presence xmlns='urn:ietf:params:xml:ns:pidf' xmlns:r='urn:ietf:params:xml:ns:pidf:rpid' entity='sip:a@b'>\
             <person><r:activities>{words}</r:activities></person></presence>"
        );
        assert_eq!(
            Pidf::read(body.as_bytes()).unwrap().activities,
            [Activity::DoNotDisturb],
            "{words}"
        );
    }
}

#[test]
fn presence_that_says_nothing_is_unknown() {
    let pidf = Pidf::read(b"<presence entity='sip:a@b'/>").unwrap();
    assert_eq!((pidf.open, pidf.note, pidf.activities.len()), (None, None, 0));
}

const RINGING: &[u8] = br#"<?xml version="1.0"?>
<dialog-info xmlns="urn:ietf:params:xml:ns:dialog-info" version="3" state="partial" entity="sip:bob@pbx.example">
 <dialog id="as7d900as8" call-id="a84b4c76e66710" local-tag="1928301774" remote-tag="456887766" direction="recipient">
  <state event="provisional">early</state>
  <duration>12</duration>
  <local><identity display="Bob">sip:bob@pbx.example</identity><target uri="sip:bob@10.0.0.7"/></local>
  <remote><identity display="Anna &amp; Co">sip:anna@shop.example</identity>
   <target uri="sip:anna@10.0.0.8:5070;transport=tcp"><param pname="+sip.rendering" pval="no"/><param pname="sos"/></target>
   <session-description type="application/sdp">v=0</session-description><cseq>1</cseq></remote>
 </dialog>
 <dialog id="broken"><state>dancing</state></dialog>
</dialog-info>"#;

#[test]
fn a_ringing_line_is_read_with_all_a_pick_up_needs() {
    let info = DialogInfo::read(RINGING).unwrap();
    assert_eq!((info.version, info.full, info.dialogs.len()), (3, false, 1));
    let dialog = &info.dialogs[0];
    assert_eq!(dialog.call_id.as_deref(), Some("a84b4c76e66710"));
    assert_eq!(dialog.local_tag.as_deref(), Some("1928301774"));
    assert_eq!(dialog.remote_tag.as_deref(), Some("456887766"));
    assert_eq!(dialog.direction, Some(DialogDirection::Recipient));
    assert!(dialog.is_ringing());
    assert_eq!(dialog.remote.display.as_deref(), Some("Anna & Co"));
    assert_eq!(dialog.remote.identity.as_deref(), Some("sip:anna@shop.example"));
    assert_eq!(
        dialog.remote.target.as_deref(),
        Some("sip:anna@10.0.0.8:5070;transport=tcp")
    );
    assert!(dialog.remote.is_holding() && !dialog.local.is_holding());
    assert_eq!(dialog.remote.target_params[1], ("sos".into(), String::new()));
}

#[test]
fn dialog_info_is_written_so_that_it_is_read_again() {
    let mut info = DialogInfo::read(RINGING).unwrap();
    info.dialogs.push(Dialog {
        direction: Some(DialogDirection::Initiator),
        local: Party {
            identity: Some("sip:\"<>&'@x".into()),
            ..Party::default()
        },
        ..Dialog::new("b", DialogState::Trying)
    });
    assert_eq!(DialogInfo::read(&info.write()).unwrap(), info);
}

fn document(version: u32, full: bool, dialogs: &[(&str, DialogState)]) -> DialogInfo {
    DialogInfo {
        version,
        full,
        entity: "sip:a@b".into(),
        dialogs: dialogs.iter().map(|(id, state)| Dialog::new(id, *state)).collect(),
    }
}

#[test]
fn versions_decide_what_counts() {
    let mut table = DialogTable::new();
    let early = ("a", DialogState::Early);
    assert_eq!(table.apply(document(5, true, &[early])), Applied::Taken);
    assert_eq!(
        table.apply(document(5, false, &[("b", DialogState::Early)])),
        Applied::Old
    );
    assert_eq!(table.dialogs().len(), 1);
    assert_eq!(
        table.apply(document(6, false, &[("a", DialogState::Confirmed)])),
        Applied::Taken
    );
    assert_eq!(table.dialogs()[0].state, DialogState::Confirmed);
    assert_eq!(
        table.apply(document(9, false, &[("a", DialogState::Terminated)])),
        Applied::Missed
    );
    assert_eq!(table.dialogs().len(), 0);
    assert_eq!(table.apply(document(10, false, &[early])), Applied::Taken);
    assert_eq!(
        table.apply(document(0, true, &[])),
        Applied::Taken,
        "a notifier that started anew"
    );
    assert_eq!(table.dialogs().len(), 0);
    let mut partial = DialogTable::new();
    assert_eq!(partial.apply(document(1, false, &[early])), Applied::Missed);
    let many: Vec<_> = (0..500).map(|number| format!("d{number}")).collect();
    let many: Vec<_> = many.iter().map(|id| (id.as_str(), DialogState::Early)).collect();
    partial.apply(document(2, false, &many));
    assert_eq!(partial.dialogs().len(), 64);
}

#[test]
fn waiting_messages_are_read_and_written() {
    let body = b"Messages-Waiting: yes\r\nMessage-Account: <sip:*97@pbx.example>\r\nVoice-Message: 4/8 (1/2)\r\n\
                 voice-message: 9/9\r\nFax-Message:1/0\r\nX-Other: 3/3\r\n\r\nTo: ignored/1\r\nText-Message: 7/7\r\n";
    let summary = MessageSummary::read(body).unwrap();
    assert!(summary.waiting);
    assert_eq!(summary.account.as_ref().unwrap().to_string(), "sip:*97@pbx.example");
    let voice = summary.voice().unwrap();
    assert_eq!((voice.new, voice.old, voice.new_urgent, voice.old_urgent), (4, 8, 1, 2));
    assert_eq!(summary.counts.len(), 2);
    assert_eq!(summary.counts[1].class, MessageClass::Fax);
    assert_eq!(MessageSummary::read(&summary.write()).unwrap(), summary);
    assert!(!MessageSummary::read(b"messages-waiting:no\n").unwrap().waiting);
    assert_eq!(MessageSummary::read(b"Voice-Message: 1/2\r\n"), Err(BodyError::NotThis));
}

#[test]
fn hostile_xml_is_refused_quickly() {
    let deep = format!("<presence>{}", "<a>".repeat(10_000));
    let wide = format!("<presence>{}</presence>", "<a/>".repeat(12_000));
    let bomb = "<!DOCTYPE p [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;'>]><presence><note>&b;</note></presence>";
    let outside = "<!DOCTYPE p SYSTEM 'file:///etc/passwd'><presence/>";
    let long = format!("<presence><note>{}</note></presence>", "x".repeat(70_000));
    for (text, wanted) in [
        (deep.as_str(), BodyError::TooLarge),
        (&wide, BodyError::TooLarge),
        (bomb, BodyError::Malformed),
        (outside, BodyError::Malformed),
        (&long, BodyError::TooLarge),
        ("", BodyError::Malformed),
        ("<presence>", BodyError::Malformed),
        ("<presence>&nbsp;</presence>", BodyError::Malformed),
        ("<absence/>", BodyError::NotThis),
    ] {
        assert_eq!(
            Pidf::read(text.as_bytes()).unwrap_err(),
            wanted,
            "{}",
            &text[..text.len().min(60)]
        );
        assert!(DialogInfo::read(text.as_bytes()).is_err());
        assert!(MessageSummary::read(text.as_bytes()).is_err());
    }
    assert_eq!(Pidf::read(b"<presence>\xff</presence>"), Err(BodyError::NotUtf8));
    let noted = format!("<presence><note>{}</note></presence>", "x\u{7}\n".repeat(5_000));
    let note = Pidf::read(noted.as_bytes());
    assert!(note.is_err() || note.is_ok_and(|pidf| pidf.note.is_some_and(|note| note.chars().count() <= 1024)));
    let texts = format!("<presence><note>{}</note></presence>", "y".repeat(5_000));
    assert_eq!(Pidf::read(texts.as_bytes()).unwrap().note.unwrap().len(), 1024);
}

#[test]
fn every_cut_and_changed_byte_is_survived() {
    for at in 0..RINGING.len() {
        let _ = DialogInfo::read(&RINGING[..at]);
        let mut changed = RINGING.to_vec();
        changed[at] = changed[at].wrapping_add(13);
        let _ = DialogInfo::read(&changed);
        let _ = Pidf::read(&changed);
        let _ = MessageSummary::read(&changed);
    }
}
