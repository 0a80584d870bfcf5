//! A screen pop that is a program, really started.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use parley_engine::{AccountDraft, Config, Engine, Event, LauncherKind, PopMode, PopOutcome, PresetAccount, View};
use std::net::UdpSocket;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(20);

fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("parley launch {name} {}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// Rings once at an engine with this rule, and tells how the screen pop went.
async fn pop(target: String) -> PopOutcome {
    let caller = UdpSocket::bind("127.0.0.1:0").unwrap();
    let listen = UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let account = AccountDraft {
        user: "204".into(),
        domain: listen.to_string(),
        enabled: false,
        ..AccountDraft::default()
    };
    let preset = PresetAccount {
        account,
        pop_mode: PopMode::OnIncoming,
        pop_target: target,
    };
    let engine = Engine::start(Config {
        listen: Some(listen),
        accept_from_anyone: true,
        accounts: vec![preset],
        launcher: LauncherKind::System,
        ..Config::default()
    })
    .unwrap();
    let mut events = engine.subscribe();
    let from = caller.local_addr().unwrap();
    let invite = format!(
        "INVITE sip:204@{listen} SIP/2.0\r\nVia: SIP/2.0/UDP {from};branch=z9hG4bK1\r\nMax-Forwards: 70\r\n\
         From: \"a; touch b & $(id)\" <sip:600@{from}>;tag=1\r\nTo: <sip:204@{listen}>\r\nCall-ID: 1\r\nCSeq: 1 INVITE\r\n\
         Contact: <sip:600@{from}>\r\nContent-Length: 0\r\n\r\n"
    );
    caller.send_to(invite.as_bytes(), listen).unwrap();
    let outcome = async {
        loop {
            let Event::Update { upserts, .. } = events.recv().await.unwrap() else {
                continue;
            };
            for view in upserts {
                if let View::Pop(pop) = view
                    && pop.outcome != PopOutcome::Opening
                {
                    return pop.outcome;
                }
            }
        }
    };
    let outcome = tokio::time::timeout(PATIENCE, outcome).await.expect("no screen pop");
    engine.shutdown().await;
    outcome
}

async fn written(file: &Path) -> String {
    for _ in 0..200 {
        match std::fs::read_to_string(file) {
            Ok(text) if text.ends_with("end\n") => return text,
            _ => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
    panic!("the program did not run");
}

#[tokio::test]
async fn a_program_gets_its_arguments_one_by_one_in_its_own_folder_and_no_shell_reads_them() {
    let folder = folder("ok");
    let program = folder.join("my crm");
    std::fs::write(
        &program,
        "#!/bin/sh\nfor one in \"$@\"; do echo \"<$one>\" >> seen; done\necho end >> seen\n",
    )
    .unwrap();
    std::fs::set_permissions(&program, PermissionsExt::from_mode(0o755)).unwrap();
    let outcome = pop(format!("{} --who $caller_name$ $caller$", program.display())).await;
    assert!(matches!(outcome, PopOutcome::Opened { .. }), "{outcome:?}");
    let seen = written(&folder.join("seen")).await;
    assert_eq!(seen, "<--who>\n<a; touch b & $(id)>\n<600>\nend\n");
    assert!(!folder.join("b").exists());
    let _ = std::fs::remove_dir_all(folder);
}

#[tokio::test]
async fn a_program_that_is_not_there_or_may_not_run_is_told_with_what_to_do() {
    let folder = folder("missing");
    let program = folder.join("crm");
    std::fs::write(&program, "no program").unwrap();
    std::fs::set_permissions(&program, PermissionsExt::from_mode(0o644)).unwrap();
    for path in [program, folder.join("nowhere")] {
        let PopOutcome::Failed { text } = pop(path.display().to_string()).await else {
            panic!()
        };
        assert!(
            text.contains("There is no program at") && text.contains("correct the path"),
            "{text}"
        );
    }
    let _ = std::fs::remove_dir_all(folder);
}
