//! The fuzz targets over the corpus in `fuzz/corpus` and over changes of it from fixed seeds, where no fuzzer runs.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

#[path = "common/dice.rs"]
mod dice;
#[path = "../../../fuzz/src/lib.rs"]
mod fuzz;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use dice::{Dice, mutate};
use fuzz::Target;

/// The files of a folder, in order of their names.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder)
        .map(|entries| entries.map(|entry| entry.unwrap().path()).collect())
        .unwrap_or_default();
    paths.sort();
    paths
}

fn corpus(target: &str) -> Vec<(String, Vec<u8>)> {
    let own = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../fuzz/corpus")
        .join(target);
    let mut paths = files(&own);
    assert!(!paths.is_empty(), "no corpus in {}", own.display());
    if ["message", "headers", "framing", "endpoint"].contains(&target) {
        paths.extend(torture());
    }
    paths
        .into_iter()
        .map(|path| (path.display().to_string(), std::fs::read(path).unwrap()))
        .collect()
}

/// The messages of RFC 4475, where they are.
fn torture() -> Vec<PathBuf> {
    let folder = std::env::var_os("PARLEY_TORTURE")
        .map(PathBuf::from)
        .unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/torture"));
    let mut paths = files(&folder);
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "dat"));
    paths
}

/// Replays the corpus, then `rounds` changes of it; `least` per cent of those must get past the first gate.
fn replay(name: &str, rounds: usize, least: usize) {
    let target: Target = fuzz::TARGETS.iter().find(|(known, _)| *known == name).unwrap().1;
    let seeds = corpus(name);
    let run = |what: &str, bytes: &[u8]| {
        catch_unwind(AssertUnwindSafe(|| target(bytes))).unwrap_or_else(|_| {
            let path = std::env::temp_dir().join(format!("parley-{name}-failed"));
            std::fs::write(&path, bytes).unwrap();
            panic!("{name}: {what} failed; it is in {}", path.display())
        })
    };
    for (path, bytes) in &seeds {
        run(path, bytes);
    }
    let (mut dice, mut deep) = (Dice(3), 0);
    for round in 0..rounds {
        let ((path, mut bytes), (_, other)) = (dice.pick(&seeds), dice.pick(&seeds));
        mutate(&mut dice, &mut bytes, &other);
        deep += usize::from(run(&format!("change {round}, of {path},"), &bytes));
    }
    assert!(
        deep * 100 >= rounds * least,
        "only {deep} of {rounds} got past the first gate"
    );
}

#[test]
fn messages() {
    replay("message", 5_000, 20);
}

#[test]
fn uris() {
    replay("uri", 10_000, 20);
}

#[test]
fn headers() {
    replay("headers", 3_000, 50);
}

#[test]
fn session_descriptions() {
    replay("sdp", 5_000, 50);
}

#[test]
fn streams_in_pieces() {
    replay("framing", 3_000, 20);
}

#[test]
fn datagrams() {
    replay("datagram", 10_000, 20);
}

#[test]
fn bodies_of_events() {
    replay("bodies", 5_000, 15);
}

#[test]
fn a_phone_with_a_call() {
    replay("endpoint", 400, 50);
}

#[test]
fn every_target_has_a_test_here_and_a_program_there() {
    let programs = files(&PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/fuzz_targets"));
    let names = programs
        .iter()
        .map(|path| path.file_stem().unwrap().to_string_lossy().into_owned());
    let tests = include_str!("corpus.rs");
    for name in names {
        assert!(
            fuzz::TARGETS.iter().any(|(known, _)| *known == name),
            "{name} is no target"
        );
        assert!(tests.contains(&format!("replay(\"{name}\"")), "{name} is not replayed");
    }
}
