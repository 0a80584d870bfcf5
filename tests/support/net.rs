//! Private networks inside the private network: namespaces, cables between them, a router with network address translation.
//! All of it belongs to the test that made it and is gone with it; nothing has a name outside.
use nix::sched::{CloneFlags, setns, unshare};
use std::fs::File;
use std::io::Write;
use std::os::fd::AsRawFd;
use std::process::{Command, Stdio};

/// A network of its own. What is started [within](Space::within) it stays in it.
pub struct Space {
    handle: File,
}

impl Space {
    /// A new one, with loopback up and nothing else.
    pub fn new() -> Space {
        let here = Space::current();
        unshare(CloneFlags::CLONE_NEWNET).expect("run these through `cargo xtask interop`");
        let space = Space::current();
        ip("link set lo up");
        here.enter();
        space
    }

    /// The one this thread is in.
    pub fn current() -> Space {
        Space {
            handle: File::open("/proc/thread-self/ns/net").unwrap(),
        }
    }

    /// Does something there. Processes, sockets and threads that come of it stay there.
    pub fn within<T>(&self, work: impl FnOnce() -> T) -> T {
        let _back = Back(Space::current());
        self.enter();
        work()
    }

    fn again(&self) -> Space {
        Space {
            handle: self.handle.try_clone().unwrap(),
        }
    }

    fn enter(&self) {
        setns(&self.handle, CloneFlags::CLONE_NEWNET).unwrap();
    }

    /// As `ip` takes it for a name.
    fn name(&self) -> String {
        format!("/proc/{}/fd/{}", std::process::id(), self.handle.as_raw_fd())
    }
}

impl Default for Space {
    fn default() -> Self {
        Space::new()
    }
}

/// Goes back also when the work panics.
struct Back(Space);

impl Drop for Back {
    fn drop(&mut self) {
        self.0.enter();
    }
}

/// A cable from a space to where the test runs. The far end is called `eth0` in the space, as in any computer.
pub struct Cable {
    space: Space,
    near: String,
}

impl Cable {
    /// Plugged in: `near` is this end's name and `gateway` its address with the prefix length, `address` the far end's in the same
    /// network, which also gets its default route through here.
    pub fn plug(space: &Space, near: &str, gateway: &str, address: &str) -> Cable {
        ip(&format!(
            "link add {near} type veth peer name eth0 netns {}\naddr add {gateway} dev {near}{}\nlink set {near} up",
            space.name(),
            at_once(gateway)
        ));
        let cable = Cable {
            space: space.again(),
            near: near.to_owned(),
        };
        space.within(|| ip("link set eth0 up"));
        cable.add(address, gateway);
        cable
    }

    /// Gives the far end an address and the default route that goes with it.
    pub fn add(&self, address: &str, gateway: &str) {
        let (source, gateway, at_once) = (bare(address), bare(gateway), at_once(address));
        self.space.within(|| {
            ip(&format!(
                "addr add {address} dev eth0{at_once}\nroute replace default via {gateway} dev eth0 src {source}"
            ));
        });
    }

    /// Takes an address from the far end; its routes go with it.
    pub fn remove(&self, address: &str) {
        self.space.within(|| ip(&format!("addr del {address} dev eth0")));
    }

    /// Pulls it: the far end sees no carrier any more. Its addresses stay, as they do until the system's own service takes them.
    pub fn pull(&self) {
        ip(&format!("link set {} down", self.near));
    }

    /// Puts it back.
    pub fn put_back(&self) {
        ip(&format!("link set {} up", self.near));
    }
}

/// A space that forwards and hides what is behind it: many routers at home and in offices.
pub struct Router {
    pub space: Space,
}

impl Router {
    /// What leaves by its `eth0` leaves under that interface's own address.
    pub fn new() -> Router {
        let space = Space::new();
        space.within(|| {
            std::fs::write("/proc/sys/net/ipv4/ip_forward", "1").unwrap();
            nft("add table ip nat
                 add chain ip nat out { type nat hook postrouting priority srcnat; }
                 add rule ip nat out oifname eth0 masquerade
                 add table ip filter
                 add chain ip filter forward { type filter hook forward priority filter; policy drop; }
                 add rule ip filter forward ct state established,related accept
                 add rule ip filter forward iifname != eth0 accept");
        });
        Router { space }
    }

    /// The outside address changes, as it does when a provider cuts the line at night: every mapping is forgotten, and what came
    /// through one of them comes through no more.
    pub fn rebind(&self, outside: &Cable, old: &str, new: &str, gateway: &str) {
        outside.remove(old);
        outside.add(new, gateway);
    }
}

impl Default for Router {
    fn default() -> Self {
        Router::new()
    }
}

/// Runs commands of iproute2, one a line, in the space this thread is in.
pub fn ip(commands: &str) {
    feed(Command::new("ip").args(["-batch", "-"]), commands);
}

fn nft(rules: &str) {
    feed(Command::new("nft").args(["-f", "-"]), rules);
}

fn feed(command: &mut Command, text: &str) {
    let mut child = command
        .stdin(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{:?}: {error}", command.get_program()));
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let status = child.wait().unwrap();
    assert!(
        status.success(),
        "{:?} ended with {status} on:\n{text}",
        command.get_program()
    );
}

fn bare(address: &str) -> &str {
    address.split('/').next().unwrap()
}

/// Nobody else can have an address here: it need not be asked for first (RFC 4862 section 5.4).
fn at_once(address: &str) -> &'static str {
    if address.contains(':') { " nodad" } else { "" }
}
