//! Many registrations and calls against one phone: does it keep its memory, and how many does it take in a second?
use crate::usage::resident;
use crate::wire::{REGISTRAR, Wire};
use parley_tests::child::Owned;
use parley_tests::script::Script;
use serde_json::json;
use std::io::Write;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const REGISTRATIONS: u32 = 1_000;
const CALLS: u32 = 10_000;
/// Calls as fast as they go.
const FEW: u32 = 1_000;
/// Calls before the look at the memory that counts: caches and queues have had their full size by then.
const WARM_UP: u32 = 4_000;
/// Calls a second, at most: as fast as they go, for few; and as many as a phone takes for ever. Its transactions are bounded, and each
/// is remembered for 32 seconds (timer J).
const AT_ONCE: u32 = 1_000;
const STEADY: u32 = 50;
/// By then all of a call is forgotten: what is shown after ten seconds, its transactions after 32.
const FORGOTTEN: Duration = Duration::from_secs(40);
/// The number of the first account of a configuration file.
const ACCOUNT: u64 = 1_000_001;
/// The line's own server calls: from others the phone takes no more than a person would make.
const SIPP: &str = REGISTRAR;
/// Where the phone reaches its registrar from, so that all it says comes from one address.
const PHONE: &str = "10.77.0.1:5062";

/// Runs it and prints what it found.
pub fn run() {
    let folder = tempfile::tempdir().unwrap();
    let config = json!({
        "listen": PHONE, "audio": "null", "dataFolder": folder.path().join("data"), "acceptFromAnyone": true, "autoAnswerMs": 0,
        "accounts": [{ "name": "Bench", "user": "bench", "domain": REGISTRAR, "passwordEnv": "PARLEY_TEST_PASSWORD" }],
    });
    let path = folder.path().join("config.json");
    std::fs::write(&path, config.to_string()).unwrap();
    let mut wire = Wire::listen();
    let mut phone = Command::new(parley_tests::phone::binary())
        .arg("--config")
        .arg(&path)
        .env("PARLEY_TEST_PASSWORD", "secret")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(std::fs::File::create(folder.path().join("log")).unwrap())
        .spawn()
        .unwrap();
    let mut wishes = phone.stdin.take().unwrap();
    wire.wait_for_registration();
    let start = resident(phone.id());
    let begin = Instant::now();
    for _ in 1..REGISTRATIONS {
        // A wish that overtakes the answer to the last REGISTER changes nothing: it is said again.
        let asked = (0..100).any(|_| {
            writeln!(
                wishes,
                "{}",
                json!({ "request": { "type": "register_now", "account": ACCOUNT } })
            )
            .unwrap();
            wire.registers_within(Duration::from_millis(100))
        });
        assert!(asked, "the phone registers no more");
    }
    let registrations = f64::from(REGISTRATIONS) / begin.elapsed().as_secs_f64();
    let begin = Instant::now();
    call(&mut wire, folder.path(), FEW, AT_ONCE);
    let calls = f64::from(FEW) / begin.elapsed().as_secs_f64();
    wire.quiet(FORGOTTEN);
    call(&mut wire, folder.path(), WARM_UP - FEW, STEADY);
    wire.quiet(FORGOTTEN);
    let warm = resident(phone.id());
    call(&mut wire, folder.path(), CALLS - WARM_UP, STEADY);
    wire.quiet(FORGOTTEN);
    let end = resident(phone.id());
    drop(wishes);
    let status = phone.wait().unwrap();
    assert!(status.success(), "the phone ended with {status}");
    println!(
        "\nSoak: {REGISTRATIONS} registrations and {CALLS} answered calls, one at a time, {STEADY} a second at most, against one phone"
    );
    println!("{:<34}{registrations:>12.0}", "registrations a second");
    println!("{:<34}{calls:>12.0}", "calls a second, the first 1,000");
    println!("{:<34}{start:>12.1}", "memory at the start, MB");
    println!("{:<34}{warm:>12.1}", "memory after 4,000 calls, MB");
    println!("{:<34}{end:>12.1}", "memory at the end, MB");
    println!("{:<34}{:>12.2}", "end to after 4,000 calls, ratio", end / warm);
}

/// So many calls by sipp, each answered, acknowledged and hung up. The registrar goes on meanwhile: the phone asks for it.
fn call(wire: &mut Wire, folder: &std::path::Path, count: u32, rate: u32) {
    let script = Script::calls("soak")
        .asks("INVITE", "sdp")
        .expects("100?")
        .expects("180")
        .expects("200")
        .asks("ACK", "")
        .up()
        .asks("BYE", "")
        .expects("200")
        .write(folder);
    let mut sipp = Command::new("sipp");
    sipp.current_dir(folder)
        .arg("-sf")
        .arg(script)
        .args(["-i", SIPP, "-mi", SIPP, "-nostdin"]);
    sipp.args([
        "-s",
        "bench",
        "-m",
        &count.to_string(),
        "-l",
        "1",
        "-r",
        &rate.to_string(),
        "-p",
        "5070",
        PHONE,
    ]);
    let mut sipp = Owned::start(sipp, &folder.join("sipp.log"));
    while sipp.child.try_wait().unwrap().is_none() {
        wire.quiet(Duration::from_millis(20));
    }
    sipp.succeeds_within(Duration::from_secs(1));
}
