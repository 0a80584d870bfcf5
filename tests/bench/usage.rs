//! CPU and memory of a process, from /proc.
use std::time::{Duration, Instant};

pub struct Usage {
    /// Per cent of one core.
    pub cpu: f64,
    /// Resident, in 10^6 bytes, at the end.
    pub megabytes: f64,
}

/// Measures while `step` is called again and again.
pub fn over(pid: u32, time: Duration, mut step: impl FnMut()) -> Usage {
    let (begin, before) = (Instant::now(), ticks(pid));
    while begin.elapsed() < time {
        step();
    }
    // The kernel counts in ticks of 1/100 s on every Linux this runs on.
    let cpu = (ticks(pid) - before) / 100.0 / begin.elapsed().as_secs_f64() * 100.0;
    Usage {
        cpu,
        megabytes: resident(pid),
    }
}

fn ticks(pid: u32) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let after_name = stat.rsplit(") ").next().unwrap();
    after_name
        .split(' ')
        .skip(11)
        .take(2)
        .map(|field| field.parse::<f64>().unwrap())
        .sum()
}

/// Resident memory in 10^6 bytes.
pub fn resident(pid: u32) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap() * 1024.0 / 1e6
}
