use super::{Start, understand};
use parley_engine::{Audio, PopMode, Transport};
use std::time::Duration;

fn read(text: &str) -> Result<Start, String> {
    understand(text, |name| (name == "PW").then(|| "sesame".to_owned()))
}

#[test]
fn a_whole_file_is_read() {
    let start = read(
        r#"{"accounts": [{"name": "Sales", "displayName": "Ann", "user": "101", "domain": "pbx.example:5070", "authUser": "a",
            "outboundProxy": "edge.example", "transport": "tcp", "enabled": false, "passwordEnv": "PW"}],
            "listen": "127.0.0.1:0", "acceptFromAnyone": true,
            "audio": {"file": {"input": "in.wav", "output": "out.wav"}}, "autoAnswerMs": 200,
            "popRules": [{"account": 1, "mode": "on_incoming", "target": "https://crm.example/?n=$number$"}],
            "settings": {"customParameters": {"id": "7"}, "allowedSchemes": ["crm"]},
            "dataFolder": "/tmp/data", "practice": true, "trace": true}"#,
    )
    .unwrap();
    let config = start.engine;
    let account = &config.accounts[0];
    assert_eq!(
        (
            account.account.name.as_str(),
            account.account.transport,
            account.account.enabled
        ),
        ("Sales", Transport::Tcp, false)
    );
    assert_eq!(account.account.password.as_deref(), Some("sesame"));
    assert_eq!(
        (account.pop_mode, account.pop_target.as_str()),
        (PopMode::OnIncoming, "https://crm.example/?n=$number$")
    );
    assert_eq!(
        config.audio,
        Audio::File {
            input: Some("in.wav".into()),
            output: Some("out.wav".into()),
            process: false
        }
    );
    assert_eq!(config.auto_answer, Some(Duration::from_millis(200)));
    assert_eq!(config.settings.unwrap().custom_parameters["id"], "7");
    assert_eq!(
        (config.data_dir, config.trace, start.practice),
        (Some("/tmp/data".into()), true, true)
    );
}

#[test]
fn sound_is_null_files_or_devices() {
    let audio = |text: &str| read(&format!(r#"{{"audio": {text}}}"#)).map(|start| start.engine.audio);
    let system = Audio::Devices {
        microphone: None,
        speaker: None,
        ring: None,
    };
    assert_eq!(audio(r#""null""#), Ok(Audio::Null));
    assert_eq!(audio(r#""loop""#), Ok(Audio::Loop));
    assert_eq!(audio(r#"{"devices": {}}"#), Ok(system.clone()));
    assert_eq!(read("{}").unwrap().engine.audio, system);
    let bell = Audio::Devices {
        microphone: None,
        speaker: None,
        ring: Some("Bell".into()),
    };
    assert_eq!(audio(r#"{"devices": {"ring": "Bell"}}"#), Ok(bell));
    assert!(audio(r#""nul""#).is_err());
    assert!(audio(r#"{"file": {"inptu": "in.wav"}}"#).is_err());
}

#[test]
fn a_password_in_the_file_is_refused_with_the_way_out() {
    let why = read(r#"{"accounts": [{"name": "A", "user": "1", "domain": "d", "password": "sesame"}]}"#).unwrap_err();
    assert!(why.contains("passwordEnv") && !why.contains("sesame"), "{why}");
}

#[test]
fn a_missing_environment_variable_is_named() {
    let why =
        read(r#"{"accounts": [{"name": "Sales", "user": "1", "domain": "d", "passwordEnv": "OTHER"}]}"#).unwrap_err();
    assert!(why.contains("OTHER") && why.contains("Sales"), "{why}");
}

#[test]
fn a_misspelt_key_and_its_place_are_named() {
    let why = read("{\n\"acounts\": []}").unwrap_err();
    assert!(why.contains("acounts") && why.contains("line 2"), "{why}");
}

#[test]
fn a_rule_for_no_account_is_refused() {
    assert!(
        read(r#"{"popRules": [{"account": 0, "mode": "manual", "target": "https://x"}]}"#)
            .unwrap_err()
            .contains("account 0")
    );
}

#[test]
fn a_password_never_shows_in_debug_output() {
    let start = read(r#"{"accounts": [{"name": "A", "user": "1", "domain": "d", "passwordEnv": "PW"}]}"#).unwrap();
    assert!(!format!("{start:?}").contains("sesame"));
}

#[test]
fn a_secure_line_names_its_certificate_and_the_name_server_to_ask() {
    let text = r#"{"dns": "192.0.2.53:5353", "accounts": [{"name": "Sales", "user": "1", "domain": "d", "transport": "wss",
        "wsPath": "/ws", "pinnedCertificate": "AB:CD"}]}"#;
    let engine = read(text).unwrap().engine;
    let account = &engine.accounts[0].account;
    assert_eq!(engine.dns, Some("192.0.2.53:5353".parse().unwrap()));
    assert_eq!(
        (account.transport, account.ws_path.as_deref()),
        (Transport::Wss, Some("/ws"))
    );
    assert_eq!(account.pinned_certificate.as_deref(), Some("AB:CD"));
    let plain = read(r#"{"accounts": [{"name": "Sales", "user": "1", "domain": "d"}]}"#)
        .unwrap()
        .engine;
    assert_eq!(plain.accounts[0].account.transport, Transport::Auto);
}
