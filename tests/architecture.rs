//! The plan of the house, checked: which crate may know which, what the pure ones must not touch, who names Tauri, how long a
//! file may get. ARCHITECTURE.md says why.
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Which of our crates each of our crates may depend on (development dependencies aside).
const ARROWS: &[(&str, &[&str])] = &[
    ("sip", &[]),
    ("call", &[]),
    ("screenpop", &[]),
    ("media", &[]),
    ("store", &[]),
    ("engine", &["sip", "call", "screenpop", "media", "store"]),
    ("api", &["engine"]),
    ("headless", &["api", "engine", "exchange"]),
    ("exchange", &["sip"]),
    ("testkit", &["sip"]),
    ("xtask", &[]),
    ("desktop", &["api", "engine", "exchange"]),
];

/// Crates that do no IO, and what they must not name.
const PURE: &[&str] = &["sip", "call", "screenpop"];
const IMPURE_WORDS: &[&str] = &[
    "Instant::now",
    "SystemTime::now",
    "tokio",
    "UdpSocket",
    "TcpStream",
    "TcpListener",
    "std::fs",
    "std::process",
    "thread::spawn",
    "getrandom",
    "OsRng",
];

const LONGEST_FILE: usize = 800;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap()
}

fn manifest(crate_name: &str) -> toml::Table {
    let path = match crate_name {
        "desktop" => root().join("Cargo.toml"),
        name => root().join("crates").join(name).join("Cargo.toml"),
    };
    fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()))
        .parse()
        .unwrap()
}

/// Names of the non-development dependencies, platform ones included.
fn dependencies(manifest: &toml::Table) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut take = |table: Option<&toml::Value>| {
        names.extend(
            table
                .and_then(toml::Value::as_table)
                .into_iter()
                .flat_map(|table| table.keys().cloned()),
        );
    };
    take(manifest.get("dependencies"));
    for platform in manifest
        .get("target")
        .and_then(toml::Value::as_table)
        .into_iter()
        .flat_map(toml::Table::values)
    {
        take(platform.get("dependencies"));
    }
    names
}

fn files(folder: &Path, endings: &[&str], found: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        let name = entry.file_name().to_string_lossy().into_owned();
        if path.is_dir() {
            let skipped = ["target", "node_modules", "dist", "gen", ".git", "test-results"];
            if !skipped.contains(&name.as_str()) {
                files(&path, endings, found);
            }
        } else if endings.iter().any(|ending| name.ends_with(ending)) {
            found.push(path);
        }
    }
}

/// Code without comments and without what stands behind `#[cfg(test)]`.
fn code(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    let before_tests = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
    before_tests
        .lines()
        .map(|line| line.split("//").next().unwrap_or_default())
        .collect::<Vec<_>>()
        .join("\n")
}

fn sources_naming(folder: &Path, endings: &[&str], words: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    files(folder, endings, &mut found);
    let mut guilty = Vec::new();
    for path in found {
        let code = code(&path);
        for word in words {
            if code.contains(word) {
                guilty.push(format!("{} names {word}", path.strip_prefix(root()).unwrap().display()));
            }
        }
    }
    guilty
}

#[test]
fn arrows_point_down_only() {
    let allowed: BTreeMap<&str, &[&str]> = ARROWS.iter().copied().collect();
    for (name, may) in &allowed {
        for dependency in dependencies(&manifest(name)) {
            if let Some(ours) = dependency.strip_prefix("parley-") {
                assert!(
                    may.contains(&ours),
                    "{name} must not depend on {ours}: the plan allows it {may:?}"
                );
            }
        }
    }
}

#[test]
fn every_crate_stands_in_the_plan() {
    let planned: BTreeSet<&str> = ARROWS.iter().map(|(name, _)| *name).collect();
    for entry in fs::read_dir(root().join("crates")).unwrap().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        assert!(
            planned.contains(name.as_str()),
            "crates/{name} has no arrows in tests/architecture.rs"
        );
    }
}

#[test]
fn pure_crates_do_no_io_and_never_ask_the_time() {
    for name in PURE {
        let guilty = sources_naming(&root().join("crates").join(name).join("src"), &[".rs"], IMPURE_WORDS);
        assert!(guilty.is_empty(), "{guilty:#?}");
    }
    let guilty = sources_naming(
        &root().join("crates/engine/src/core"),
        &[".rs"],
        &[
            "Instant::now",
            "SystemTime::now",
            "tokio",
            "std::fs",
            "UdpSocket",
            "thread::spawn",
        ],
    );
    assert!(guilty.is_empty(), "the engine's core does no IO: {guilty:#?}");
}

#[test]
fn only_the_shell_names_tauri() {
    for (name, _) in ARROWS.iter().filter(|(name, _)| *name != "desktop") {
        let tauri = dependencies(&manifest(name))
            .into_iter()
            .find(|name| name.starts_with("tauri"));
        assert_eq!(tauri, None, "crates/{name}");
    }
    let mut found = Vec::new();
    files(&root().join("ui/src"), &[".ts", ".svelte"], &mut found);
    for path in found {
        let inside = path.strip_prefix(root()).unwrap().to_string_lossy().into_owned();
        let names = fs::read_to_string(&path).unwrap().contains("@tauri-apps/");
        assert!(
            !names || inside.starts_with("ui/src/lib/backend/"),
            "{inside} imports @tauri-apps"
        );
    }
}

#[test]
fn only_the_contract_is_serialisable() {
    for (name, _) in ARROWS.iter().filter(|(name, _)| !["api", "headless"].contains(name)) {
        // The headless phone reads its own configuration file; the contract itself is `api`'s in both.
        let guilty = sources_naming(
            &root().join(if *name == "desktop" {
                "src-tauri".to_owned()
            } else {
                format!("crates/{name}/src")
            }),
            &[".rs"],
            &[
                "derive(Serialize",
                "derive(Deserialize",
                ", Serialize)",
                ", Deserialize)",
                "Serialize, Deserialize",
            ],
        );
        assert!(guilty.is_empty(), "{guilty:#?}");
    }
}

#[test]
fn no_crate_of_ours_has_unsafe_code() {
    for (name, _) in ARROWS {
        let source = if *name == "desktop" {
            root().join("src-tauri")
        } else {
            root().join("crates").join(name).join("src")
        };
        let top = ["lib.rs", "main.rs"]
            .map(|file| source.join(file))
            .into_iter()
            .find(|path| path.exists())
            .unwrap();
        let text = fs::read_to_string(&top).unwrap();
        assert!(
            text.contains("#![forbid(unsafe_code)]"),
            "{} does not forbid unsafe code",
            top.display()
        );
    }
}

#[test]
fn no_file_is_too_long_to_read() {
    let mut found = Vec::new();
    files(&root(), &[".rs", ".ts", ".svelte", ".css", ".mjs"], &mut found);
    assert!(found.len() > 50, "the walk found only {} files", found.len());
    for path in found {
        let lines = fs::read_to_string(&path).unwrap().lines().count();
        assert!(
            lines <= LONGEST_FILE,
            "{} has {lines} lines: split it by concern",
            path.display()
        );
    }
}

#[test]
fn no_password_reaches_a_log() {
    let mut found = Vec::new();
    files(&root().join("crates"), &[".rs"], &mut found);
    files(&root().join("src-tauri"), &[".rs"], &mut found);
    for path in found {
        let code = code(&path);
        for line in code.lines().filter(|line| {
            ["trace!(", "debug!(", "info!(", "warn!(", "error!("]
                .iter()
                .any(|log| line.contains(log))
        }) {
            assert!(
                !line.contains("{password") && !line.contains(", password"),
                "{}: {line}",
                path.display()
            );
        }
    }
}
