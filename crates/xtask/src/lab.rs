//! Where things run: the repository's root, a private network, a private desktop.
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Makes the repository's root the working folder.
pub fn go_to_root() -> std::io::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    std::env::set_current_dir(root.canonicalize()?)
}

/// Where cargo puts what it builds.
pub fn target_dir() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| PathBuf::from("target"), PathBuf::from)
}

/// A command inside a network of its own: loopback and one pair of cable ends with 10.77.0.1 to 10.77.0.9, cut off from everything.
///
/// baresip refuses loopback, and kamailio wants port 5060: here both have what they want, and nothing can leave. It needs user
/// namespaces or root; where there are neither, `None`.
pub fn in_private_network(command: &[OsString]) -> Option<Command> {
    let script = "ip link set lo up && ip link add lab0 type veth peer name lab1 && \
        for n in 1 2 3 4 5 6 7 8 9; do ip addr add 10.77.0.$n/24 dev lab0; done && \
        ip link set lab0 up && ip link set lab1 up && ip route add default dev lab0 src 10.77.0.1 && exec \"$@\"";
    let flags: &[&str] = if works(&["--net", "--map-root-user", "--user"]) {
        &["--user", "--map-root-user", "--net"]
    } else if works(&["--net"]) {
        &["--net"]
    } else {
        return None;
    };
    let mut unshare = Command::new("unshare");
    unshare
        .args(flags)
        .args(["--", "bash", "-ec", script, "lab"])
        .args(command);
    unshare.env("PARLEY_LAB", "10.77.0.1");
    Some(unshare)
}

fn works(flags: &[&str]) -> bool {
    Command::new("unshare")
        .args(flags)
        .arg("true")
        .output()
        .is_ok_and(|out| out.status.success())
}
