//! The TypeScript side of the contract is generated from the Rust side, and what is committed is fresh.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use parley_api::{ApiError, Event, Reply, Request};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use ts_rs::{Config, TS};

const HEAD: &str = "// Generated from crates/api by `cargo test -p parley-api`. Do not edit.\n";

/// Differences are written to the working tree before the test fails, so running it again passes and the change shows
/// in the next commit.
#[test]
fn the_committed_bindings_are_fresh() {
    let wanted = generated();
    let folder = committed_folder();
    let mut stale = Vec::new();
    for (name, text) in &wanted {
        let path = folder.join(name);
        if std::fs::read_to_string(&path).unwrap_or_default() != *text {
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(&path, text).unwrap();
            stale.push(name.clone());
        }
    }
    for name in type_script_files(&folder) {
        if !wanted.contains_key(&name) {
            std::fs::remove_file(folder.join(&name)).unwrap();
            stale.push(name);
        }
    }
    assert!(
        stale.is_empty(),
        "these bindings were stale and are written anew, commit them: {stale:?}"
    );
}

#[test]
fn numbers_are_number_and_absent_fields_are_optional() {
    let all: String = generated().into_values().collect();
    assert!(!all.contains("bigint"), "a JSON number is a number");
    assert!(!all.contains("| null"), "an absent field is left out, never null");
    assert!(all.contains("answeredAt?: number"));
    assert!(all.contains(r#""type": "hang_up", call: number"#));
}

/// File name to text, with one barrel `index.ts`.
fn generated() -> BTreeMap<String, String> {
    let folder = std::env::temp_dir().join(format!(
        "parley-bindings-{}-{:?}",
        std::process::id(),
        std::thread::current().id()
    ));
    let config = Config::new().with_large_int("number").with_out_dir(&folder);
    Request::export_all(&config).unwrap();
    Reply::export_all(&config).unwrap();
    Event::export_all(&config).unwrap();
    ApiError::export_all(&config).unwrap();
    let mut files = BTreeMap::new();
    let mut barrel = String::from(HEAD);
    for name in type_script_files(&folder) {
        let text = std::fs::read_to_string(folder.join(&name)).unwrap();
        let body = text
            .lines()
            .skip_while(|line| line.starts_with("// This file was generated"))
            .map(str::trim_end)
            .collect::<Vec<_>>();
        let stem = name.trim_end_matches(".ts");
        barrel += &format!("export type {{ {stem} }} from \"./{stem}\";\n");
        files.insert(name, format!("{HEAD}{}\n", body.join("\n").trim_end()));
    }
    std::fs::remove_dir_all(&folder).unwrap();
    files.insert("index.ts".into(), barrel);
    files
}

fn type_script_files(folder: &Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(".ts"))
        .collect();
    names.sort();
    names
}

fn committed_folder() -> PathBuf {
    match std::env::var_os("TS_RS_EXPORT_DIR") {
        Some(folder) => folder.into(),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join("../../ui/src/lib/api"),
    }
}
