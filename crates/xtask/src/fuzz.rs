//! `cargo xtask fuzz`: each target of `fuzz/` for a bounded number of runs from a fixed seed, where there is a nightly compiler.
use crate::lab;
use crate::steps::{Step, cached_tool, shell};

/// Runs of each target, and seconds at most. `cargo xtask fuzz NAME RUNS` chooses other runs, in any time.
const RUNS: &str = "20000";
const SECONDS: &str = "40";

/// One step for all targets, or the one named. cargo-fuzz needs a nightly compiler; where there is none this says so and passes:
/// the unit tests of `crates/sip` have played the same targets over the same corpus already.
pub fn steps(rest: &[String]) -> Vec<Step> {
    let fetch = cached_tool("cargo-fuzz", "it runs the fuzz targets", "");
    let script = format!(
        "if ! rustup run nightly rustc --version >/dev/null 2>&1; then
            echo 'skipped: no nightly compiler here (rustup toolchain install nightly --profile minimal);'
            echo 'the same targets ran over the corpus and changes of it with the unit tests (crates/sip/tests/corpus.rs)'
            exit 0
        fi
        {fetch}
        cd fuzz
        for program in fuzz_targets/*.rs; do
            target=$(basename \"$program\" .rs)
            [ -z \"$WANTED\" ] || [ \"$WANTED\" = \"$target\" ] || continue
            rm -rf \"$OUT/found/$target\" && mkdir -p \"$OUT/found/$target\"
            echo \"--- $target: $RUNS runs\"
            RUSTFLAGS= cargo +nightly fuzz run --sanitizer none --target-dir \"$OUT\" \"$target\" \"$OUT/found/$target\" \"corpus/$target\" \\
                -- -runs=\"$RUNS\" -seed=1 -max_total_time=\"$LIMIT\" -max_len=6000 -timeout=20 >\"$OUT/found/$target.log\" 2>&1 || {{
                tail -60 \"$OUT/found/$target.log\"
                exit 1
            }}
        done"
    );
    let out = std::path::absolute(lab::target_dir().join("fuzz")).unwrap_or_default();
    let word = |at: usize, otherwise: &str| rest.get(at).map_or(otherwise, String::as_str).to_owned();
    vec![shell(
        "fuzzing",
        &script,
        &[
            ("OUT", out.into_os_string()),
            ("WANTED", word(0, "").into()),
            ("RUNS", word(1, RUNS).into()),
            ("LIMIT", if rest.len() > 1 { "0" } else { SECONDS }.into()),
        ],
    )]
}
