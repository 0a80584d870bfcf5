//! linphonec, typed at as by a person. It binds every address it finds, so it gets a network of its own.
use crate::child::Owned;
use crate::kamailio::Kamailio;
use crate::net::{Cable, Space};
use crate::sound;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{ChildStdin, Command, Stdio};
use std::time::Duration;

const GATEWAY: &str = "10.77.6.1/24";
const ADDRESS: &str = "10.77.6.2/24";

pub struct Linphone {
    stdin: ChildStdin,
    folder: PathBuf,
    process: Owned,
    _cable: Cable,
}

impl Linphone {
    /// Starts it as `user` at this registrar with a tone for a voice; it is registered when this returns.
    /// `None` where the system has no such package (Fedora).
    pub fn start(folder: &Path, user: &str, registrar: &Kamailio, hertz: f64) -> Option<Linphone> {
        crate::lab();
        if Command::new("linphonec")
            .arg("--version")
            .stdout(Stdio::null())
            .status()
            .is_err()
        {
            eprintln!("linphonec is not installed: this is not tested");
            return None;
        }
        let folder = folder.join(format!("linphone-{user}"));
        // Without this folder it waits for a database that never comes.
        std::fs::create_dir_all(folder.join(".local/share/linphone")).unwrap();
        std::fs::write(folder.join("rc"), configuration(user, &registrar.ip)).unwrap();
        sound::write_tone(&folder.join("in.wav"), hertz, 60.0);
        let space = Space::new();
        let cable = Cable::plug(&space, "linphone", GATEWAY, ADDRESS);
        // It reads its commands from a terminal only.
        let mut command = Command::new("script");
        command
            .args(["-qfc", "linphonec -c rc -d 6 -l debug.log", "/dev/null"])
            .env("HOME", &folder)
            .current_dir(&folder)
            .stdin(Stdio::piped());
        let mut process = space.within(|| Owned::start_keeping_stdin(command, &folder.join("log")));
        let mut linphone = Linphone {
            stdin: process.child.stdin.take().unwrap(),
            folder,
            process,
            _cable: cable,
        };
        linphone.says("linphonec>", Duration::from_secs(10));
        linphone.types("soundcard use files");
        linphone.types("play in.wav");
        linphone.types("record out.wav");
        registrar.bound(user, Duration::from_secs(10), &[]);
        Some(linphone)
    }

    /// Types a command.
    pub fn types(&mut self, command: &str) {
        writeln!(self.stdin, "{command}").unwrap();
    }

    /// Waits until it has printed this.
    pub fn says(&self, text: &str, within: Duration) {
        crate::eventually_or(
            within,
            || self.process.printed().contains(text).then_some(()),
            || format!("linphonec says {text:?}; it said:\n{}", self.process.printed()),
        );
    }

    /// What it has heard.
    pub fn heard(&self) -> PathBuf {
        self.folder.join("out.wav")
    }
}

impl Drop for Linphone {
    fn drop(&mut self) {
        let _ = writeln!(self.stdin, "quit");
        crate::eventually("linphonec ends", Duration::from_secs(5), || {
            self.process.child.try_wait().ok().flatten()
        });
    }
}

fn configuration(user: &str, registrar: &str) -> String {
    format!(
        "[sip]\nsip_port=5060\nsip_tcp_port=-1\nsip_tls_port=-1\ndefault_proxy=0\nuse_ipv6=0\n\
         [rtp]\naudio_rtp_port=7078\n\
         [proxy_0]\nreg_proxy=<sip:{registrar};transport=udp>\nreg_route=<sip:{registrar};transport=udp;lr>\nreg_identity=sip:{user}@pbx.test\nreg_expires=600\n\
         reg_sendregister=1\npublish=0\n\
         [auth_info_0]\nusername={user}\npasswd=pw{user}\nrealm=pbx.test\ndomain=pbx.test\n\
         [video]\nenabled=0\ncapture=0\ndisplay=0\n[sound]\nechocancellation=0\n"
    )
}
