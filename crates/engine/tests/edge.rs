//! Two engines on real sockets, real threads, a real disk.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs)]

use parley_engine::{
    AccountDraft, CallState, CallView, Config, Direction, Engine, Event, HistoryEntry, HistoryFilter, Launched,
    LauncherKind, Others, Outcome, PasswordState, PopMode, PopOutcome, PopRule, PresetAccount, RefusalCode, Reply,
    Request, Snapshot, View,
};
use std::net::{SocketAddr, UdpSocket};
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// Nothing here takes longer on the slowest machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// An engine and what a front of it has seen.
struct Front {
    engine: Engine,
    events: tokio::sync::broadcast::Receiver<Event>,
}

impl Front {
    fn start(config: Config) -> Self {
        let engine = Engine::start(config).unwrap();
        let events = engine.subscribe();
        Self { engine, events }
    }

    async fn ask(&self, request: Request) -> Result<Reply, parley_engine::Refusal> {
        tokio::time::timeout(PATIENCE, self.engine.request(request))
            .await
            .expect("no answer")
    }

    async fn snapshot(&self) -> Snapshot {
        match self.ask(Request::Snapshot).await {
            Ok(Reply::Snapshot { snapshot }) => *snapshot,
            other => panic!("{other:?}"),
        }
    }

    /// Waits for a call like this.
    async fn call(&mut self, what: &str, fits: impl Fn(&CallView) -> bool) -> CallView {
        let found = self.see(what, |view| {
            if let View::Call(call) = view {
                fits(call).then(|| call.clone())
            } else {
                None
            }
        });
        found.await
    }

    async fn see<T>(&mut self, what: &str, find: impl Fn(&View) -> Option<T>) -> T {
        let looking = async {
            loop {
                if let Event::Update { upserts, .. } = self.events.recv().await.expect("the engine stopped")
                    && let Some(found) = upserts.iter().find_map(&find)
                {
                    return found;
                }
            }
        };
        tokio::time::timeout(PATIENCE, looking)
            .await
            .unwrap_or_else(|_| panic!("never seen: {what}"))
    }

    async fn history(&self) -> Vec<HistoryEntry> {
        let all = Request::SearchHistory {
            text: String::new(),
            filter: HistoryFilter::All,
            before: None,
            limit: None,
        };
        match self.ask(all).await {
            Ok(Reply::History { entries, more: false }) => entries,
            other => panic!("{other:?}"),
        }
    }
}

fn free() -> SocketAddr {
    UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

fn line(user: &str, listen: SocketAddr) -> PresetAccount {
    let account = AccountDraft {
        user: user.into(),
        domain: listen.to_string(),
        enabled: false,
        ..AccountDraft::default()
    };
    PresetAccount::new(AccountDraft {
        display_name: format!("The {user}"),
        ..account
    })
}

fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("parley-engine-{name}-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    folder
}

#[tokio::test]
async fn two_engines_call_each_other_and_both_hear_and_remember_it() {
    let (at_alice, at_bob, kept) = (free(), free(), folder("pair"));
    let mut alice = Front::start(Config {
        listen: Some(at_alice),
        accept_from_anyone: true,
        accounts: vec![line("alice", at_alice)],
        ..Config::default()
    });
    let (told, launched) = std::sync::mpsc::channel();
    let mut pop = line("bob", at_bob);
    (pop.pop_mode, pop.pop_target) = (
        PopMode::OnIncoming,
        "http://127.0.0.1:9/crm?who=$caller$&name=$caller_name$".into(),
    );
    let mut bob = Front::start(Config {
        listen: Some(at_bob),
        accept_from_anyone: true,
        accounts: vec![pop],
        data_dir: Some(kept.clone()),
        launcher: LauncherKind::Told(told),
        ..Config::default()
    });
    let dialled = Instant::now();
    let Ok(Reply::Call { call: out }) = alice
        .ask(Request::Dial {
            target: format!("sip:bob@{at_bob}"),
            anonymous: None,
            account: None,
        })
        .await
    else {
        panic!()
    };

    let ringing = bob.call("ringing", |call| call.state == CallState::Incoming).await;
    assert_eq!(
        (ringing.remote.number.as_str(), ringing.remote.name.as_deref()),
        ("alice", Some("The alice"))
    );
    let opened = launched.recv_timeout(PATIENCE).unwrap();
    let popped_after = dialled.elapsed();
    assert_eq!(
        opened,
        Launched::Web("http://127.0.0.1:9/crm?who=alice&name=The%20alice".into())
    );
    let logged = bob.see("pop", |view| {
        if let View::Pop(pop) = view {
            (pop.outcome != PopOutcome::Opening).then(|| pop.clone())
        } else {
            None
        }
    });
    let PopOutcome::Opened { millis } = logged.await.outcome else {
        panic!()
    };
    assert!(millis < 50, "{millis} ms; {popped_after:?} after dialling");
    alice
        .call("ringing there", |call| call.state == CallState::Ringing)
        .await;

    bob.ask(Request::Answer {
        call: ringing.id,
        others: Others::Hold,
    })
    .await
    .unwrap();
    for front in [&mut alice, &mut bob] {
        let heard = |call: &CallView| {
            call.media
                .as_ref()
                .is_some_and(|media| media.received > 20 && media.sent > 20)
        };
        let call = front.call("sound both ways", heard).await;
        assert_eq!(
            (call.state, call.media.unwrap().codec.as_str()),
            (CallState::Active, "Opus")
        );
    }

    alice.ask(Request::Hold { call: out }).await.unwrap();
    bob.call("held", |call| call.held_by_them).await;
    alice
        .call("hold agreed", |call| call.held_by_us && !call.hold_pending)
        .await;
    alice.ask(Request::Resume { call: out }).await.unwrap();
    bob.call("back", |call| !call.held_by_them).await;

    alice.ask(Request::HangUp { call: out }).await.unwrap();
    bob.call("ended", |call| call.state == CallState::Ended).await;
    alice.call("ended", |call| call.state == CallState::Ended).await;
    let [theirs] = bob.history().await.try_into().unwrap();
    assert_eq!(
        (theirs.outcome, theirs.direction, theirs.number.as_str()),
        (Outcome::Answered, Direction::Incoming, "alice")
    );
    assert!(theirs.pop.contains("crm?who=alice"));
    let [ours] = alice.history().await.try_into().unwrap();
    assert_eq!(
        (ours.outcome, ours.direction, ours.address.as_str()),
        (
            Outcome::Answered,
            Direction::Outgoing,
            format!("sip:bob@{at_bob}").as_str()
        )
    );
    alice.engine.shutdown().await;
    bob.engine.shutdown().await;

    let again = Front::start(Config {
        data_dir: Some(kept.clone()),
        ..Config::default()
    });
    assert_eq!(again.history().await.len(), 1, "the history survives");
    again.engine.shutdown().await;
    let _ = std::fs::remove_dir_all(kept);
}

#[tokio::test]
async fn a_call_over_tcp_is_cancelled_and_missed() {
    let (at_alice, at_bob) = (free(), free());
    let alice = Front::start(Config {
        listen: Some(at_alice),
        accept_from_anyone: true,
        accounts: vec![line("alice", at_alice)],
        ..Config::default()
    });
    let mut bob = Front::start(Config {
        listen: Some(at_bob),
        accept_from_anyone: true,
        accounts: vec![line("bob", at_bob)],
        ..Config::default()
    });
    let target = format!("sip:bob@{at_bob};transport=tcp");
    let Ok(Reply::Call { call }) = alice
        .ask(Request::Dial {
            target,
            account: None,
            anonymous: None,
        })
        .await
    else {
        panic!()
    };
    bob.call("ringing", |call| call.state == CallState::Incoming).await;
    alice.ask(Request::HangUp { call }).await.unwrap();
    bob.call("missed", |call| {
        call.end
            .as_ref()
            .is_some_and(|end| end.reason == parley_engine::EndReason::Missed)
    })
    .await;
    let missed = bob
        .see("unseen", |view| {
            if let View::Unseen(unseen) = view {
                Some(unseen.missed)
            } else {
                None
            }
        })
        .await;
    assert_eq!((missed, bob.history().await.len()), (1, 1));
    bob.ask(Request::MarkSeen).await.unwrap();
    let left = bob
        .see("seen", |view| {
            if let View::Unseen(unseen) = view {
                Some(unseen.missed)
            } else {
                None
            }
        })
        .await;
    assert_eq!(left, 0);
}

#[tokio::test]
async fn a_server_nobody_runs_is_told_in_words() {
    let nobody = free();
    let account = AccountDraft {
        name: "Sales".into(),
        user: "204".into(),
        domain: nobody.to_string(),
        transport: parley_engine::Transport::Tcp,
        ..AccountDraft::default()
    };
    let mut front = Front::start(Config {
        accounts: vec![PresetAccount::new(account)],
        ..Config::default()
    });
    let text = front.see("failure", |view| match view {
        View::Account(account) => match &account.registration {
            parley_engine::RegistrationView::Failed { text, .. } => Some(text.clone()),
            _ => None,
        },
        _ => None,
    });
    let text = text.await;
    assert!(
        text.starts_with("Callers cannot reach you on Sales. Nothing takes calls at 127.0.0.1:"),
        "{text}"
    );
}

#[tokio::test]
async fn no_password_reaches_the_disk() {
    const PASSWORD: &str = "only-in-the-keyring-4711";
    let kept = folder("secret");
    let front = Front::start(Config {
        data_dir: Some(kept.clone()),
        ..Config::default()
    });
    let draft = AccountDraft {
        name: "Sales".into(),
        user: "204".into(),
        domain: "127.0.0.1:9".into(),
        password: Some(PASSWORD.into()),
        ..AccountDraft::default()
    };
    let saved = front.ask(Request::SaveAccount { account: draft }).await;
    let Ok(Reply::Account {
        account,
        password: PasswordState::ThisRun,
    }) = saved
    else {
        panic!("{saved:?}")
    };
    let rule = PopRule {
        account,
        mode: PopMode::Manual,
        target: "https://crm.example/?c=$caller$".into(),
    };
    front.ask(Request::SavePopRule { rule }).await.unwrap();
    assert_eq!(front.snapshot().await.accounts[0].name, "Sales");
    front.engine.shutdown().await;
    let refusal = front.ask(Request::Snapshot).await.unwrap_err();
    assert_eq!(refusal.code, RefusalCode::Internal);
    let mut read = 0;
    for file in std::fs::read_dir(&kept).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        read += bytes.len();
        assert!(
            !bytes
                .windows(PASSWORD.len())
                .any(|window| window == PASSWORD.as_bytes())
        );
    }
    assert!(read > 0);
    let again = Front::start(Config {
        data_dir: Some(kept.clone()),
        ..Config::default()
    });
    let mut events = again.engine.subscribe();
    let mut snapshot = again.snapshot().await;
    while snapshot.accounts.is_empty() {
        let _ = tokio::time::timeout(PATIENCE, events.recv()).await.unwrap();
        snapshot = again.snapshot().await;
    }
    assert_eq!(
        (
            snapshot.accounts[0].user.as_str(),
            snapshot.pop_rules[0].target.as_str()
        ),
        ("204", "https://crm.example/?c=$caller$")
    );
    again.engine.shutdown().await;
    let _ = std::fs::remove_dir_all(kept);
}

#[tokio::test]
async fn a_data_folder_in_use_is_a_notice_and_calls_go_on() {
    let kept = folder("twice");
    let first = Front::start(Config {
        data_dir: Some(kept.clone()),
        ..Config::default()
    });
    first.history().await;
    let at = free();
    let mut second = Front::start(Config {
        data_dir: Some(kept.clone()),
        listen: Some(at),
        accept_from_anyone: true,
        accounts: vec![line("bob", at)],
        ..Config::default()
    });
    let find = |view: &View| {
        if let View::Notice(notice) = view {
            Some(notice.clone())
        } else {
            None
        }
    };
    let notice = match second.snapshot().await.notices.first() {
        Some(notice) => notice.clone(),
        None => second.see("notice", find).await,
    };
    assert_eq!(notice.key, "storage");
    second
        .ask(Request::Dial {
            target: format!("sip:x@{at}"),
            anonymous: None,
            account: None,
        })
        .await
        .unwrap();
    first.engine.shutdown().await;
    let _ = std::fs::remove_dir_all(kept);
}

#[tokio::test]
async fn an_address_in_use_is_refused_at_the_start() {
    let taken = UdpSocket::bind("127.0.0.1:0").unwrap();
    let at = taken.local_addr().unwrap();
    let refused = Engine::start(Config {
        listen: Some(at),
        accept_from_anyone: true,
        ..Config::default()
    });
    assert!(refused.unwrap_err().to_string().contains("Choose another address"));
}
