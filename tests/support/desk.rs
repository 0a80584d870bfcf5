//! A private desktop: screen, window manager, bus, notifications, keyring, sound card. Nothing of it touches the person's own.
use crate::child::Owned;
use crate::eventually;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;

const PATIENCE: Duration = Duration::from_secs(20);

/// What the desktop has; a test leaves a part out to see what Parley says.
#[derive(Clone, Copy)]
pub struct Parts {
    pub keyring: bool,
    pub notifications: bool,
    pub sound: bool,
}

impl Parts {
    pub const ALL: Parts = Parts {
        keyring: true,
        notifications: true,
        sound: true,
    };
}

pub struct Desk {
    pub folder: TempDir,
    environment: Vec<(String, String)>,
    running: Vec<Owned>,
    lines: Vec<Child>,
}

impl Desk {
    pub fn start(parts: Parts) -> Desk {
        let folder = tempfile::tempdir().unwrap();
        let mut desk = Desk {
            folder,
            environment: Vec::new(),
            running: Vec::new(),
            lines: Vec::new(),
        };
        for (name, inside) in [
            ("HOME", "home"),
            ("XDG_RUNTIME_DIR", "run"),
            ("XDG_DATA_HOME", "home/.local/share"),
            ("XDG_CONFIG_HOME", "home/.config"),
            ("XDG_CACHE_HOME", "home/.cache"),
        ] {
            let path = desk.folder.path().join(inside);
            std::fs::create_dir_all(&path).unwrap();
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o700)).unwrap();
            desk.set(name, &path.to_string_lossy());
        }
        desk.set("LANG", "C.UTF-8");
        desk.set("NO_AT_BRIDGE", "1");
        desk.screen();
        desk.bus();
        if parts.keyring {
            desk.keyring();
        }
        desk.run("openbox", &[]);
        if parts.notifications {
            desk.notifications();
        }
        if parts.sound {
            desk.sound();
        } else {
            desk.set("PULSE_SERVER", "unix:/nowhere");
        }
        desk
    }

    pub fn set(&mut self, name: &str, value: &str) {
        self.environment.retain(|(known, _)| known != name);
        self.environment.push((name.to_owned(), value.to_owned()));
    }

    /// A command inside the desktop.
    pub fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        for foreign in [
            "WAYLAND_DISPLAY",
            "DBUS_SESSION_BUS_ADDRESS",
            "DISPLAY",
            "BROWSER",
            "PULSE_SERVER",
            "XAUTHORITY",
        ] {
            command.env_remove(foreign);
        }
        command
            .envs(self.environment.iter().cloned())
            .current_dir(self.folder.path());
        command
    }

    /// Starts a program of the desktop; it ends with it.
    pub fn run(&mut self, program: &str, arguments: &[&str]) {
        let mut command = self.command(program);
        command.args(arguments);
        let log = self.folder.path().join(format!("{program}.log"));
        self.running.push(Owned::start(command, &log));
    }

    /// Output of a short command inside the desktop.
    pub fn output(&self, program: &str, arguments: &[&str]) -> String {
        let output = self.command(program).args(arguments).output().unwrap();
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    pub fn log_of(&self, program: &str) -> String {
        std::fs::read_to_string(self.folder.path().join(format!("{program}.log"))).unwrap_or_default()
    }

    /// A picture of the whole screen.
    pub fn picture(&self, path: &Path) {
        let _ = self.command("import").args(["-window", "root"]).arg(path).status();
    }

    /// A program that speaks first: gives its first line.
    fn first_line(&mut self, mut command: Command) -> String {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        self.lines.push(child);
        line.trim().to_owned()
    }

    fn screen(&mut self) {
        let mut command = self.command("Xvfb");
        command.args(["-displayfd", "1", "-screen", "0", "1400x900x24", "-nolisten", "tcp"]);
        let number = self.first_line(command);
        self.set("DISPLAY", &format!(":{number}"));
    }

    fn bus(&mut self) {
        let mut command = self.command("dbus-daemon");
        command.args(["--session", "--nofork", "--print-address=1"]);
        let address = self.first_line(command);
        self.set("DBUS_SESSION_BUS_ADDRESS", &address);
    }

    fn keyring(&mut self) {
        let mut command = self.command("gnome-keyring-daemon");
        command.args(["--foreground", "--unlock", "--components=secrets"]);
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(b"test keyring").unwrap();
        self.lines.push(child);
        eventually("the keyring is on the bus", PATIENCE, || {
            self.names().contains("org.freedesktop.secrets").then_some(())
        });
    }

    /// Names on the bus.
    pub fn names(&self) -> String {
        self.output(
            "dbus-send",
            &[
                "--session",
                "--print-reply",
                "--dest=org.freedesktop.DBus",
                "/org/freedesktop/DBus",
                "org.freedesktop.DBus.ListNames",
            ],
        )
    }

    /// dunst, whose action menu picks the action named in `pick`.
    fn notifications(&mut self) {
        let folder = self.folder.path().to_owned();
        let picker = folder.join("picker");
        std::fs::write(
            &picker,
            format!("#!/bin/sh\ngrep -m1 \"$(cat {}/pick)\"\n", folder.display()),
        )
        .unwrap();
        std::fs::set_permissions(&picker, std::fs::Permissions::from_mode(0o755)).unwrap();
        let config = folder.join("dunstrc");
        std::fs::write(
            &config,
            format!("[global]\n monitor = 0\n origin = top-left\n offset = 20x20\n dmenu = {}\n show_indicators = no\n markup = full\n[urgency_critical]\n timeout = 0\n", picker.display()),
        )
        .unwrap();
        self.run("dunst", &["-config", &config.to_string_lossy()]);
        eventually("the notification daemon is on the bus", PATIENCE, || {
            self.names().contains("org.freedesktop.Notifications").then_some(())
        });
    }

    /// Waits for a notification on the screen.
    pub fn wait_notification(&self) {
        eventually("a notification is shown", PATIENCE, || {
            (self.output("dunstctl", &["count", "displayed"]).trim() != "0").then_some(())
        });
    }

    /// What the notifications that are gone said, as the daemon shows it: its JSON, with the entities of markup resolved.
    pub fn notifications_gone(&self) -> String {
        let text = self.output("dunstctl", &["history"]);
        text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    }

    /// Presses the button of the notification that is shown.
    pub fn press_notification(&self, button: &str) {
        std::fs::write(self.folder.path().join("pick"), button).unwrap();
        self.wait_notification();
        self.output("dunstctl", &["context"]);
    }

    /// Two playback devices and a microphone that exist only here: hear at `spk.monitor` and `ring.monitor`, speak into `micsrc`.
    fn sound(&mut self) {
        self.run(
            "pulseaudio",
            &[
                "-n",
                "--daemonize=no",
                "--exit-idle-time=-1",
                "--disallow-exit=yes",
                "--use-pid-file=no",
                "-L",
                "module-native-protocol-unix",
                "-L",
                "module-null-sink sink_name=spk rate=48000 channels=2 sink_properties=device.description=Speaker",
                "-L",
                "module-null-sink sink_name=micsrc rate=48000 channels=2",
                "-L",
                "module-remap-source master=micsrc.monitor source_name=mic",
                "-L",
                "module-null-sink sink_name=ring rate=48000 sink_properties=device.description=Bell",
            ],
        );
        eventually("the sound server answers", PATIENCE, || {
            self.output("pactl", &["list", "short", "sinks"])
                .contains("ring")
                .then_some(())
        });
        self.output("pactl", &["set-default-sink", "spk"]);
        self.output("pactl", &["set-default-source", "mic"]);
    }

    /// Records what a device plays, until dropped: bare samples, 16 bit, 8 kHz, mono.
    pub fn record(&self, device: &str) -> (Owned, PathBuf) {
        let path = self.folder.path().join(format!("{device}.raw"));
        let mut command = self.command("parec");
        command.args([
            "--device",
            &format!("{device}.monitor"),
            "--rate=8000",
            "--channels=1",
            "--format=s16le",
            "--raw",
            "--latency-msec=50",
        ]);
        (Owned::start(command, &path), path)
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let path = std::env::temp_dir().join("parley-desktop-failed.png");
            self.picture(&path);
            eprintln!(
                "the screen when it failed: {}\n{}",
                path.display(),
                self.log_of("WebKitWebDriver")
            );
        }
        while let Some(program) = self.running.pop() {
            drop(program);
        }
        while let Some(mut child) = self.lines.pop() {
            let _ = child.kill();
            let _ = child.wait();
            if let Some(mut rest) = child.stdout.take() {
                let _ = rest.read(&mut [0; 1]);
            }
        }
    }
}
