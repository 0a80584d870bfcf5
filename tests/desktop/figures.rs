//! How fast the window is there, and what it costs: `cargo xtask desktop figures --ignored --nocapture`.
use crate::{dial, open};
use parley_tests::desk::{Desk, Parts};
use parley_tests::window::{Window, app};
use std::collections::BTreeMap;
use std::path::Path;

/// From the start of the process to the first paint with content, in ms, as the page measures it.
fn first_paint(window: &Window, app: u32) -> f64 {
    let painted = "const paint = performance.getEntriesByName('first-contentful-paint')[0];\
                   return performance.timeOrigin + paint.startTime";
    let painted = window.script(painted).as_f64().expect("WebKit has paint timing");
    painted - started_at(app)
}

/// When a process was started, ms since 1970. `/proc` counts hundredths of a second since the machine's start.
fn started_at(process: u32) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap();
    let after_name = stat.rsplit(')').next().unwrap();
    let ticks: f64 = after_name.split_whitespace().nth(19).unwrap().parse().unwrap();
    let machine = std::fs::read_to_string("/proc/stat").unwrap();
    let boot = machine.lines().find_map(|line| line.strip_prefix("btime ")).unwrap();
    let uptime = std::fs::read_to_string("/proc/uptime").unwrap();
    let uptime: f64 = uptime.split(' ').next().unwrap().parse().unwrap();
    // `btime` has whole seconds only; the clock and the uptime together have more.
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap()
        .as_secs_f64();
    let boot = if (now - uptime - boot.parse::<f64>().unwrap()).abs() < 2.0 {
        now - uptime
    } else {
        boot.parse().unwrap()
    };
    (boot + ticks / 100.0) * 1000.0
}

/// The youngest process of this program.
fn process_of(program: &Path) -> u32 {
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    let own = processes.filter(|entry| std::fs::read_link(entry.path().join("exe")).is_ok_and(|exe| exe == program));
    own.filter_map(|entry| entry.file_name().to_string_lossy().parse().ok())
        .max()
        .unwrap()
}

/// Proportional set size of a process and all below it, in MiB by program.
fn memory(process: u32) -> BTreeMap<String, f64> {
    let mut sum = BTreeMap::new();
    let mut family = vec![process];
    while let Some(one) = family.pop() {
        let rollup = std::fs::read_to_string(format!("/proc/{one}/smaps_rollup")).unwrap_or_default();
        let kib = rollup
            .lines()
            .find_map(|line| line.strip_prefix("Pss:")?.trim().strip_suffix(" kB")?.parse().ok());
        let name = std::fs::read_to_string(format!("/proc/{one}/comm")).unwrap_or_default();
        *sum.entry(name.trim().to_owned()).or_insert(0.0) += kib.unwrap_or(0.0) / 1024.0;
        for task in std::fs::read_dir(format!("/proc/{one}/task"))
            .into_iter()
            .flatten()
            .flatten()
        {
            let children = std::fs::read_to_string(task.path().join("children")).unwrap_or_default();
            family.extend(
                children
                    .split_whitespace()
                    .filter_map(|child| child.parse::<u32>().ok()),
            );
        }
    }
    sum
}

fn say(what: &str, memory: &BTreeMap<String, f64>) {
    let parts: Vec<String> = memory.iter().map(|(name, mib)| format!("{name} {mib:.0}")).collect();
    println!("{what}: {:.0} MiB ({})", memory.values().sum::<f64>(), parts.join(", "));
}

#[test]
#[ignore = "figures for people to read"]
fn start_and_memory_of_the_window() {
    let mut desk = Desk::start(Parts::ALL);
    for start in ["first start", "second start", "third start"] {
        let window = open(&mut desk);
        let process = process_of(&app());
        println!(
            "{start}: {:.0} ms from the process to the first paint",
            first_paint(&window, process)
        );
        say("memory after the start", &memory(process));
        if start == "third start" {
            dial(&window, "600");
            window.wait_text(".timer", "0:10");
            say("memory in a call", &memory(process));
        }
        window.close();
    }
}
