//! Accounts: registration in words, passwords nowhere but where they belong.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs)]

mod support;

use parley_engine::core::{AskId, CoreConfig, Loaded, SecretAnswer, SecretCommand, StoreAnswer, StoreCommand};
use parley_engine::{
    AccountDraft, AccountView, PasswordState, PresetAccount, RefusalCode, RegistrationReason, RegistrationView, Reply,
    Request, View,
};
use parley_sip::Message;
use parley_sip::endpoint::Secret;
use parley_store::{Account, AccountData, AccountId};
use support::{Desk, Did, Far};

const PASSWORD: &str = "correct horse battery";

fn draft() -> AccountDraft {
    AccountDraft {
        name: "Sales".into(),
        user: "204".into(),
        domain: "pbx.example".into(),
        password: Some(PASSWORD.into()),
        ..AccountDraft::default()
    }
}

fn registering() -> Desk {
    Desk::with(CoreConfig {
        presets: vec![PresetAccount::new(draft())],
        ..CoreConfig::default()
    })
}

fn account(desk: &Desk, id: u64) -> AccountView {
    match desk.view(&format!("account {id}")) {
        Some(View::Account(view)) => view.clone(),
        other => panic!("{other:?}"),
    }
}

fn first(desk: &mut Desk) -> AccountView {
    let id = desk.snapshot().accounts[0].id;
    account(desk, id)
}

fn challenge(desk: &mut Desk, request: &Message) {
    let Message::Request(request) = request else { panic!() };
    let mut response = request.respond(401, Some("reg"));
    response.headers.push(
        "WWW-Authenticate",
        "Digest realm=\"pbx\", nonce=\"n1\", algorithm=MD5, qop=\"auth\"",
    );
    desk.hear(response.to_bytes());
}

fn accept(desk: &mut Desk, request: &Message, expires: u32) {
    let Message::Request(request) = request else { panic!() };
    let mut response = request.respond(200, Some("reg"));
    let contact = request.headers.contact().unwrap().uri;
    response
        .headers
        .push("Contact", format!("<{contact}>;expires={expires}"));
    desk.hear(response.to_bytes());
}

#[test]
fn a_line_registers_answers_the_challenge_and_shows_until_when() {
    let mut desk = registering();
    assert!(matches!(
        first(&mut desk).registration,
        RegistrationView::Registering { .. }
    ));
    let register = desk.expect("REGISTER");
    challenge(&mut desk, &register);
    let register = desk.expect("REGISTER");
    assert!(
        register
            .headers()
            .get("Authorization")
            .unwrap()
            .contains("username=\"204\"")
    );
    accept(&mut desk, &register, 300);
    let RegistrationView::Registered {
        since,
        proven_at,
        expires_at,
        server,
    } = first(&mut desk).registration
    else {
        panic!()
    };
    assert_eq!(
        (proven_at - since, expires_at - since, server.as_str()),
        (0, 300_000, "10.0.0.2:5060")
    );
    desk.wait_for("REGISTER", 299);
    let again = desk.expect("REGISTER");
    accept(&mut desk, &again, 300);
    let RegistrationView::Registered {
        since: still,
        proven_at,
        ..
    } = first(&mut desk).registration
    else {
        panic!()
    };
    assert!(still == since && proven_at > since, "one registration without a gap");
}

#[test]
fn registration_failures_are_said_in_words() {
    for (code, reason, words) in [
        (
            403,
            RegistrationReason::Refused,
            "Some servers say so when the user name or password is wrong",
        ),
        (404, RegistrationReason::UnknownUser, "does not know this user"),
        (503, RegistrationReason::Refused, "is in trouble"),
        (488, RegistrationReason::Refused, "refuses the registration"),
    ] {
        let mut desk = registering();
        let register = desk.expect("REGISTER");
        challenge(&mut desk, &register);
        let register = desk.expect("REGISTER");
        Far::reply(&mut desk, &register, code, "");
        let RegistrationView::Failed {
            reason: shown, text, ..
        } = first(&mut desk).registration
        else {
            panic!("{code}")
        };
        assert_eq!(shown, reason, "{code}: {text}");
        assert!(
            text.starts_with("Callers cannot reach you on Sales. ") && text.contains(words),
            "{code}: {text}"
        );
        assert!(!text.contains(&code.to_string()), "no code in the first line: {text}");
    }
}

#[test]
fn a_refused_password_is_a_wrong_password() {
    let mut desk = registering();
    let register = desk.expect("REGISTER");
    challenge(&mut desk, &register);
    let register = desk.expect("REGISTER");
    challenge(&mut desk, &register);
    let RegistrationView::Failed { reason, retry_at, .. } = first(&mut desk).registration else {
        panic!()
    };
    assert_eq!((reason, retry_at), (RegistrationReason::WrongPassword, None));
    desk.wait_s(600);
    desk.expect_no("REGISTER");
}

#[test]
fn a_server_that_asks_for_a_password_nobody_gave_is_told_so() {
    let preset = AccountDraft {
        password: None,
        ..draft()
    };
    let mut desk = Desk::with(CoreConfig {
        presets: vec![PresetAccount::new(preset)],
        ..CoreConfig::default()
    });
    let register = desk.expect("REGISTER");
    challenge(&mut desk, &register);
    let RegistrationView::Failed { reason, .. } = first(&mut desk).registration else {
        panic!()
    };
    assert_eq!(reason, RegistrationReason::NoPassword);
}

#[test]
fn a_silent_server_is_told_after_a_while_and_tried_again() {
    let mut desk = registering();
    desk.wait_s(33);
    let RegistrationView::Failed {
        reason, text, retry_at, ..
    } = first(&mut desk).registration
    else {
        panic!()
    };
    assert_eq!(reason, RegistrationReason::NoAnswer);
    assert!(
        text.contains("pbx.example does not answer") && retry_at.is_some(),
        "{text}"
    );
}

/// A desk without lines whose disk has answered.
fn empty() -> Desk {
    let mut desk = Desk::with(CoreConfig::default());
    desk.tell_store(StoreAnswer::Loaded(Box::default()));
    desk
}

fn stored(id: u64) -> Account {
    let data = AccountData {
        name: "Sales".into(),
        user: "204".into(),
        domain: "pbx.example".into(),
        enabled: true,
        ..AccountData::default()
    };
    Account {
        id: AccountId(id),
        data,
        tag: "SA".into(),
        colour: 1,
        chosen: true,
    }
}

fn save(desk: &mut Desk) -> AskId {
    let ask = desk.ask_later(Request::SaveAccount { account: draft() });
    desk.tell_store(StoreAnswer::AccountSaved(ask, Ok((AccountId(1), vec![stored(1)]))));
    ask
}

#[test]
fn a_saved_account_registers_at_once_and_tells_where_its_password_is() {
    let mut desk = empty();
    let ask = save(&mut desk);
    desk.expect("REGISTER");
    assert_eq!(account(&desk, 1).password, PasswordState::Asking);
    assert!(desk.answer(ask).is_none(), "the keyring has not spoken");
    desk.wake(parley_engine::core::Wake::Secret(SecretAnswer::Kept(
        AccountId(1),
        PasswordState::Keyring,
    )));
    assert_eq!(
        desk.answer(ask),
        Some(Ok(Reply::Account {
            account: 1,
            password: PasswordState::Keyring
        }))
    );
    assert_eq!(desk.snapshot().accounts[0].tag, "SA");
}

#[test]
fn without_a_keyring_the_password_is_kept_for_this_run_and_that_is_said() {
    let mut desk = empty();
    let ask = save(&mut desk);
    desk.wake(parley_engine::core::Wake::Secret(SecretAnswer::Kept(
        AccountId(1),
        PasswordState::ThisRun,
    )));
    assert_eq!(
        desk.answer(ask),
        Some(Ok(Reply::Account {
            account: 1,
            password: PasswordState::ThisRun
        }))
    );
    assert!(desk.view("notice no_keyring").is_some());
    desk.ask(Request::DismissNotice {
        key: "no_keyring".into(),
    })
    .unwrap();
    assert!(desk.view("notice no_keyring").is_none());
}

#[test]
fn a_password_goes_to_the_keyring_and_never_to_the_disk_or_a_log() {
    let mut desk = empty();
    save(&mut desk);
    let secrets: Vec<&SecretCommand> = desk
        .did
        .iter()
        .filter_map(|did| {
            if let Did::Secret(command) = did {
                Some(command)
            } else {
                None
            }
        })
        .collect();
    assert!(matches!(secrets[..], [SecretCommand::Set(_, _, secret)] if secret.expose() == PASSWORD));
    let everything = format!(
        "{:?} {:?} {:?}",
        desk.did,
        desk.core,
        Request::SaveAccount { account: draft() }
    );
    assert!(!everything.contains(PASSWORD), "{everything}");
    let snapshot = format!("{:?}", desk.snapshot());
    assert!(!snapshot.contains(PASSWORD));
}

#[test]
fn stored_lines_wait_for_their_password_and_others_do_not_wait_for_them() {
    let mut desk = Desk::with(CoreConfig {
        presets: vec![PresetAccount::new(AccountDraft {
            user: "999".into(),
            ..draft()
        })],
        ..CoreConfig::default()
    });
    let preset = desk.expect("REGISTER");
    assert!(preset.headers().to().unwrap().uri.to_string().contains("999"));
    desk.tell_store(StoreAnswer::Loaded(Box::new(Loaded {
        accounts: vec![stored(1)],
        ..Loaded::default()
    })));
    desk.expect_no("REGISTER");
    assert!(
        desk.did
            .iter()
            .any(|did| matches!(did, Did::Secret(SecretCommand::Get(AccountId(1), _))))
    );
    desk.wake(parley_engine::core::Wake::Secret(SecretAnswer::Got(
        AccountId(1),
        Ok(Some(Secret::new(PASSWORD))),
    )));
    desk.expect("REGISTER");
    assert_eq!(account(&desk, 1).password, PasswordState::Keyring);
}

#[test]
fn a_keyring_that_fails_lets_the_line_try_without_a_password_and_says_so() {
    let mut desk = Desk::with(CoreConfig::default());
    desk.tell_store(StoreAnswer::Loaded(Box::new(Loaded {
        accounts: vec![stored(1)],
        ..Loaded::default()
    })));
    desk.wake(parley_engine::core::Wake::Secret(SecretAnswer::Got(
        AccountId(1),
        Err("locked".into()),
    )));
    desk.expect("REGISTER");
    assert!(desk.view("notice no_keyring").is_some());
}

#[test]
fn a_keyring_that_is_unlocked_late_still_gives_the_password() {
    let mut desk = Desk::with(CoreConfig::default());
    desk.tell_store(StoreAnswer::Loaded(Box::new(Loaded {
        accounts: vec![stored(1), stored(2)],
        ..Loaded::default()
    })));
    let says = |desk: &mut Desk, id: u64, answer: Result<Option<Secret>, String>| {
        desk.wake(parley_engine::core::Wake::Secret(SecretAnswer::Got(
            AccountId(id),
            answer,
        )));
    };
    says(&mut desk, 1, Err("locked".into()));
    says(&mut desk, 2, Err("locked".into()));
    desk.wait_s(30);
    desk.forget_sent();
    says(&mut desk, 1, Ok(Some(Secret::new(PASSWORD))));
    desk.expect("REGISTER");
    assert_eq!(account(&desk, 1).password, PasswordState::Keyring);
    assert!(desk.view("notice no_keyring").is_some(), "one is still missing");
    says(&mut desk, 2, Ok(Some(Secret::new(PASSWORD))));
    assert!(desk.view("notice no_keyring").is_none());
}

#[test]
fn a_password_that_comes_late_never_goes_to_another_server() {
    let mut desk = Desk::with(CoreConfig::default());
    desk.tell_store(StoreAnswer::Loaded(Box::new(Loaded {
        accounts: vec![stored(1)],
        ..Loaded::default()
    })));
    let says = |desk: &mut Desk, answer: Result<Option<Secret>, String>| {
        desk.wake(parley_engine::core::Wake::Secret(SecretAnswer::Got(
            AccountId(1),
            answer,
        )));
    };
    says(&mut desk, Err("locked".into()));
    let account_elsewhere = AccountDraft {
        id: Some(1),
        domain: "other.example".into(),
        password: None,
        ..draft()
    };
    let ask = desk.ask_later(Request::SaveAccount {
        account: account_elsewhere,
    });
    let mut saved = stored(1);
    saved.data.domain = "other.example".into();
    desk.tell_store(StoreAnswer::AccountSaved(ask, Ok((AccountId(1), vec![saved]))));
    says(&mut desk, Ok(Some(Secret::new(PASSWORD))));
    assert_eq!(account(&desk, 1).password, PasswordState::None);
}

#[test]
fn a_removed_account_unregisters_and_forgets_its_password() {
    let mut desk = empty();
    save(&mut desk);
    let register = desk.expect("REGISTER");
    accept(&mut desk, &register, 300);
    desk.ask(Request::RemoveAccount { account: 1 }).unwrap();
    let gone = desk.expect("REGISTER");
    assert_eq!(
        gone.headers()
            .expires()
            .or(gone.headers().contact().and_then(|contact| contact.expires())),
        Some(0)
    );
    assert!(desk.view("account 1").is_none());
    assert!(
        desk.did
            .iter()
            .any(|did| matches!(did, Did::Secret(SecretCommand::Delete(AccountId(1), _))))
    );
    assert!(
        desk.did
            .iter()
            .any(|did| matches!(did, Did::Store(StoreCommand::DeleteAccount(AccountId(1)))))
    );
}

#[test]
fn wrong_fields_are_named() {
    let mut desk = empty();
    for (change, field) in [
        (
            AccountDraft {
                user: " ".into(),
                ..draft()
            },
            "user",
        ),
        (
            AccountDraft {
                user: "a b".into(),
                ..draft()
            },
            "user",
        ),
        (
            AccountDraft {
                domain: String::new(),
                ..draft()
            },
            "domain",
        ),
        (
            AccountDraft {
                domain: "not a host".into(),
                ..draft()
            },
            "domain",
        ),
        (
            AccountDraft {
                outbound_proxy: Some("x y".into()),
                ..draft()
            },
            "outboundProxy",
        ),
        (
            AccountDraft {
                ws_path: Some("/w s".into()),
                ..draft()
            },
            "wsPath",
        ),
        (
            AccountDraft {
                pinned_certificate: Some("AB:CD".into()),
                ..draft()
            },
            "pinnedCertificate",
        ),
    ] {
        let refusal = desk.ask(Request::SaveAccount { account: change }).unwrap_err();
        assert_eq!(
            (refusal.code, refusal.field.as_deref()),
            (RefusalCode::Invalid, Some(field))
        );
    }
}

#[test]
fn a_pasted_address_is_taken_apart() {
    let mut desk = empty();
    desk.ask_later(Request::SaveAccount {
        account: AccountDraft {
            user: "sip:204@pbx.example".into(),
            domain: String::new(),
            ..draft()
        },
    });
    let saved = desk.did.iter().find_map(|did| {
        if let Did::Store(StoreCommand::SaveAccount(_, _, data)) = did {
            Some(data.clone())
        } else {
            None
        }
    });
    let saved = saved.unwrap();
    assert_eq!((saved.user.as_str(), saved.domain.as_str()), ("204", "pbx.example"));
}

#[test]
fn a_line_registers_at_once_when_the_computer_wakes_up() {
    let mut desk = registering();
    let register = desk.expect("REGISTER");
    accept(&mut desk, &register, 300);
    desk.wait_s(60);
    desk.expect_no("REGISTER");
    // The clock of time-outs stands still in the sleep.
    desk.slept_ms += 3_600_000;
    desk.wait_for("REGISTER", 26);
    desk.expect("REGISTER");
}
