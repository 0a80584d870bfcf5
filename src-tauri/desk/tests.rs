use super::{Desk, TrayIcon};
use parley_api::{
    AccountOptions, AccountView, CallState, CallView, Direction, Event, Party, PasswordState, PresenceState,
    PresenceView, RefusedView, RegistrationReason, RegistrationView, RingLevel, Settings, Snapshot, SoundView,
    Transport, UnseenView, View, ViewRef,
};

fn sales(registration: RegistrationView) -> AccountView {
    AccountView {
        id: 1,
        name: "Sales".to_owned(),
        tag: "SA".to_owned(),
        colour: 1,
        display_name: String::new(),
        user: "ann".to_owned(),
        domain: "pbx.example".to_owned(),
        auth_user: None,
        outbound_proxy: None,
        transport: Transport::Udp,
        ws_path: None,
        pinned_certificate: None,
        enabled: true,
        chosen: true,
        password: PasswordState::None,
        registration,
        options: AccountOptions::default(),
        outages: Vec::new(),
        refused: RefusedView::default(),
        voicemail: None,
    }
}

fn call(state: CallState, remote: Party) -> CallView {
    CallView {
        id: 5,
        account: 1,
        direction: Direction::Incoming,
        state,
        remote,
        number: "20".to_owned(),
        called: "20".to_owned(),
        started_at: 1,
        answered_at: None,
        held_by_us: false,
        held_by_them: false,
        hold_pending: false,
        muted: false,
        silenced: false,
        ring: RingLevel::Normal,
        digits: String::new(),
        digits_heard: String::new(),
        transfer: None,
        media: None,
        silent_seconds: None,
        pop: None,
        can_pop: false,
        variables: Vec::new(),
        timeline: Vec::new(),
        consult: None,
        conference: false,
        referral: None,
        emergency: false,
        anonymous: false,
        auto_answered: false,
        follows: None,
        redirects: Vec::new(),
        encryption: None,
        end: None,
    }
}

fn rings() -> CallView {
    call(CallState::Incoming, maria())
}

fn desk(accounts: Vec<AccountView>, calls: Vec<CallView>) -> Desk {
    Desk::new(Snapshot {
        seq: 10,
        accounts,
        calls,
        presence: presence(PresenceState::Online),
        settings: Settings::default(),
        sound: SoundView {
            inputs: Vec::new(),
            outputs: Vec::new(),
            microphone: None,
            speaker: None,
            ring: None,
            silent: true,
        },
        history: Vec::new(),
        unseen: UnseenView { missed: 0, messages: 0 },
        pops: Vec::new(),
        pop_rules: Vec::new(),
        watches: Vec::new(),
        messages: Vec::new(),
        notices: Vec::new(),
        version: "1".to_owned(),
        practice: false,
    })
}

fn presence(state: PresenceState) -> PresenceView {
    PresenceView {
        state,
        note: None,
        on_call: false,
    }
}

fn update(seq: u64, upserts: Vec<View>, removals: Vec<ViewRef>) -> Event {
    Event::Update { seq, upserts, removals }
}

fn maria() -> Party {
    Party {
        name: Some("Maria Keller".to_owned()),
        number: "+4411".to_owned(),
        address: "sip:+4411@x".to_owned(),
        company: Some("Keller & Sohn".to_owned()),
    }
}

fn withheld() -> Party {
    Party {
        name: None,
        number: String::new(),
        address: String::new(),
        company: None,
    }
}

#[test]
fn a_ringing_call_says_who_and_on_which_line() {
    let desk = desk(vec![sales(RegistrationView::Off)], vec![rings()]);
    let ringing = desk.ringing();
    assert_eq!(ringing[0].title, "Call from Maria Keller");
    assert_eq!(ringing[0].body, "+4411\nKeller & Sohn\non Sales");
}

#[test]
fn a_withheld_number_is_said_once() {
    let desk = desk(
        vec![sales(RegistrationView::Off)],
        vec![call(CallState::Incoming, withheld())],
    );
    assert_eq!(desk.ringing()[0].title, "Call from Number withheld");
    assert_eq!(desk.ringing()[0].body, "on Sales");
}

#[test]
fn an_answered_call_rings_no_more() {
    let mut desk = desk(vec![], vec![rings()]);
    let answered = vec![View::Call(call(CallState::Active, maria()))];
    assert!(desk.apply(update(11, answered, vec![])));
    assert!(desk.ringing().is_empty());
}

#[test]
fn a_call_that_is_gone_rings_no_more() {
    let mut desk = desk(vec![], vec![rings()]);
    assert!(desk.apply(update(11, vec![], vec![ViewRef::Call(5)])));
    assert!(desk.ringing().is_empty());
}

#[test]
fn a_gap_is_noticed_and_an_old_update_is_not_taken_twice() {
    let mut desk = desk(vec![], vec![]);
    let upserts = vec![View::Call(rings())];
    assert!(desk.apply(update(10, upserts.clone(), vec![])));
    assert!(desk.ringing().is_empty(), "the snapshot had it already");
    assert!(!desk.apply(update(12, upserts, vec![])));
}

#[test]
fn the_tray_shows_the_most_urgent_thing() {
    let failed = RegistrationView::Failed {
        since: 1,
        reason: RegistrationReason::NoAnswer,
        text: "No answer.".to_owned(),
        retry_at: None,
        certificate: None,
    };
    let mut desk = desk(vec![sales(failed)], vec![]);
    assert_eq!(desk.tray().icon, TrayIcon::Lost);
    assert_eq!(desk.tray().tooltip, "Parley: Not reachable on Sales");
    assert!(desk.apply(update(11, vec![View::Call(rings())], vec![])));
    assert_eq!(desk.tray().icon, TrayIcon::Ringing);
    let quiet = vec![
        View::Presence(presence(PresenceState::DoNotDisturb)),
        View::Account(sales(RegistrationView::Off)),
    ];
    assert!(desk.apply(update(12, quiet, vec![ViewRef::Call(5)])));
    assert_eq!(desk.presence, PresenceState::DoNotDisturb);
    assert_eq!(desk.tray().icon, TrayIcon::DoNotDisturb);
    assert!(desk.tray().do_not_disturb);
}
