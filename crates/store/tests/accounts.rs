//! Accounts, their badges and the chosen line.
#![allow(clippy::unwrap_used, clippy::expect_used)]
use parley_store::{
    AccountData, AccountId, AccountOptions, AudioCodec, BusyForward, Codes, Forwarding, KeyMethod, LateForward,
    PopMode, PopRule, Referrals, Store, StoreError, Transport,
};

fn line(name: &str) -> AccountData {
    AccountData {
        name: name.into(),
        display_name: "Anna".into(),
        user: "204".into(),
        domain: "pbx.example:5070".into(),
        auth_user: Some("auth".into()),
        outbound_proxy: None,
        transport: Transport::Wss,
        ws_path: Some("/ws".into()),
        pinned_certificate: Some("AB:CD".into()),
        enabled: true,
        options: AccountOptions::default(),
    }
}

fn names(store: &Store) -> Vec<String> {
    store
        .accounts()
        .unwrap()
        .into_iter()
        .map(|account| account.data.name)
        .collect()
}

fn chosen(store: &Store) -> Vec<AccountId> {
    store
        .accounts()
        .unwrap()
        .into_iter()
        .filter(|account| account.chosen)
        .map(|account| account.id)
        .collect()
}

#[test]
fn an_account_is_kept_as_entered_and_changed_in_place() {
    let mut store = Store::open_in_memory().unwrap();
    let id = store.save_account(None, &line("Sales")).unwrap();
    store.save_account(None, &line("Home")).unwrap();
    let changed = AccountData {
        transport: Transport::Udp,
        ws_path: None,
        pinned_certificate: None,
        auth_user: None,
        enabled: false,
        ..line("Support")
    };
    assert_eq!(store.save_account(Some(id), &changed), Ok(id));
    let accounts = store.accounts().unwrap();
    assert_eq!((accounts[0].id, &accounts[0].data), (id, &changed));
    assert_eq!(names(&store), ["Support", "Home"]);
    assert_eq!(
        store.save_account(Some(AccountId(99)), &changed),
        Err(StoreError::NotFound)
    );
}

#[test]
fn how_an_account_handles_calls_is_kept_with_it_and_goes_with_it() {
    let mut store = Store::open_in_memory().unwrap();
    let options = AccountOptions {
        forwarding: Forwarding {
            always: Some("300".into()),
            busy: Some(BusyForward {
                target: "301".into(),
                do_not_disturb: true,
                on_call: false,
            }),
            no_answer: Some(LateForward {
                target: "302".into(),
                after_seconds: 25,
            }),
        },
        codes: Codes {
            park: Some("70".into()),
            pick_up: Some("*8".into()),
            voicemail: Some("800".into()),
        },
        anonymous: true,
        auto_answer: true,
        referrals: Referrals::Never,
        encryption: parley_store::Encryption::Required,
        trusted_identity: false,
        call_from_anyone: true,
        codecs: vec![AudioCodec::Pcmu, AudioCodec::Opus],
        own_codec_order: true,
        pauses: true,
        keys: KeyMethod::Info,
        gruu: true,
    };
    let mut data = AccountData {
        options,
        ..line("Sales")
    };
    let id = store.save_account(None, &data).unwrap();
    let home = store.save_account(None, &line("Home")).unwrap();
    assert_eq!(store.accounts().unwrap()[0].data, data);
    assert_eq!(store.accounts().unwrap()[1].data.options, AccountOptions::default());
    data.options = AccountOptions::default();
    store.save_account(Some(id), &data).unwrap();
    assert_eq!(store.accounts().unwrap()[0].data, data, "what was taken away is gone");
    store.delete_account(home).unwrap();
}

#[test]
fn tags_differ_and_colours_stay() {
    let mut store = Store::open_in_memory().unwrap();
    let ids: Vec<_> = ["Sales", "Sandra", "Home", "Hall", "Desk"]
        .map(|name| store.save_account(None, &line(name)).unwrap())
        .into();
    let badges = |store: &Store| -> Vec<String> {
        store
            .accounts()
            .unwrap()
            .into_iter()
            .map(|account| format!("{}{}", account.tag, account.colour))
            .collect()
    };
    assert_eq!(badges(&store), ["SA1", "SN2", "HO3", "HA4", "DE1"]);
    store.save_account(Some(ids[1]), &line("Lobby")).unwrap();
    store.delete_account(ids[2]).unwrap();
    store.save_account(None, &line("Yard")).unwrap();
    assert_eq!(badges(&store), ["SA1", "LO2", "HA4", "DE1", "YA3"]);
}

#[test]
fn there_is_always_one_chosen_line() {
    let mut store = Store::open_in_memory().unwrap();
    assert!(chosen(&store).is_empty());
    let off = store
        .save_account(
            None,
            &AccountData {
                enabled: false,
                ..line("Off")
            },
        )
        .unwrap();
    assert_eq!(chosen(&store), [off]);
    let one = store.save_account(None, &line("One")).unwrap();
    let two = store.save_account(None, &line("Two")).unwrap();
    assert_eq!(chosen(&store), [one]);
    store.choose_line(two).unwrap();
    assert_eq!(chosen(&store), [two]);
    store.delete_account(two).unwrap();
    assert_eq!(chosen(&store), [one]);
    assert_eq!(store.choose_line(two), Err(StoreError::NotFound));
}

#[test]
fn accounts_are_put_in_order_and_new_ones_come_last() {
    let mut store = Store::open_in_memory().unwrap();
    let ids = ["A", "B", "C", "D"].map(|name| store.save_account(None, &line(name)).unwrap());
    store.order_accounts(&[ids[3], ids[1]]).unwrap();
    store.save_account(None, &line("E")).unwrap();
    assert_eq!(names(&store), ["D", "B", "A", "C", "E"]);
}

#[test]
fn a_deleted_accounts_rule_goes_and_its_number_is_not_given_again() {
    let mut store = Store::open_in_memory().unwrap();
    let id = store.save_account(None, &line("Sales")).unwrap();
    store
        .save_pop_rule(&PopRule {
            account: id,
            mode: PopMode::Manual,
            target: "https://a.example".into(),
        })
        .unwrap();
    store.delete_account(id).unwrap();
    assert_eq!(store.pop_rules(), Ok(vec![]));
    assert_eq!(store.delete_account(id), Err(StoreError::NotFound));
    assert_ne!(store.save_account(None, &line("Sales")).unwrap(), id);
}

#[test]
fn an_account_has_one_rule_which_is_replaced() {
    let mut store = Store::open_in_memory().unwrap();
    let id = store.save_account(None, &line("Sales")).unwrap();
    let rule = |mode, target: &str| PopRule {
        account: id,
        mode,
        target: target.into(),
    };
    store
        .save_pop_rule(&rule(PopMode::OnIncoming, "https://a.example"))
        .unwrap();
    store
        .save_pop_rule(&rule(PopMode::AfterAnswer, "/opt/crm $caller$"))
        .unwrap();
    assert_eq!(
        store.pop_rules(),
        Ok(vec![rule(PopMode::AfterAnswer, "/opt/crm $caller$")])
    );
    let orphan = PopRule {
        account: AccountId(99),
        mode: PopMode::Manual,
        target: String::new(),
    };
    assert_eq!(store.save_pop_rule(&orphan), Err(StoreError::NotFound));
}
