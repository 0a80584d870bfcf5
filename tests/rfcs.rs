//! docs/rfcs.md says which test shows what: each of them is there.
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap()
}

/// The file of `place/file`.
fn file(place: &str) -> PathBuf {
    match place.split_once('/') {
        Some(("interop", file)) => root().join("tests/interop").join(format!("{file}.rs")),
        Some((name, file)) => root()
            .join("crates")
            .join(name)
            .join("tests")
            .join(format!("{file}.rs")),
        None => panic!("{place} is no place of a test"),
    }
}

#[test]
fn every_test_named_is_there() {
    let table = fs::read_to_string(root().join("docs/rfcs.md")).unwrap();
    let rows: Vec<&str> = table
        .lines()
        .filter(|line| line.starts_with("| ") && !line.contains("| RFC |"))
        .collect();
    assert!(rows.len() > 20, "the table is empty");
    for row in rows {
        let names: Vec<(&str, &str)> = row.split('`').filter_map(|word| word.split_once("::")).collect();
        assert!(!names.is_empty() || row.contains("| no"), "nothing shows this: {row}");
        for (place, name) in names {
            let path = file(place);
            let code = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            let at = code
                .find(&format!("fn {name}()"))
                .unwrap_or_else(|| panic!("{place} has no test {name}"));
            let before = &code[..at];
            let is_test = before
                .trim_end()
                .trim_end_matches("async")
                .trim_end()
                .rsplit('\n')
                .next();
            let is_test = is_test.is_some_and(|line| line.starts_with("#["));
            assert!(is_test, "{place}::{name} is no test");
        }
    }
}
