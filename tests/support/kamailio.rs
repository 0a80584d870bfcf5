//! kamailio as registrar, proxy and presence server.
use crate::certificates::Certificate;
use crate::child::Owned;
use std::net::UdpSocket;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;

/// Where the voice mail publishes from, without a password.
pub const VOICEMAIL: &str = "10.77.0.8";

/// kamailio, running; it ends with its owner.
pub struct Kamailio {
    process: Owned,
    pub ip: String,
    folder: TempDir,
}

/// What it is to do besides registering and passing on over UDP and TCP.
pub struct Setup {
    ip: String,
    expires: u32,
    definitions: Vec<&'static str>,
    certificate: Option<Certificate>,
    config: &'static str,
    /// Where an edge passes on to, or the edge that a registrar stands behind.
    behind: String,
}

impl Kamailio {
    /// Starts it on `ip`:5060, UDP and TCP; answers when this returns.
    pub fn start(ip: &str, expires: u32) -> Kamailio {
        Kamailio::at(ip).expires(expires).start()
    }

    /// One that does more.
    pub fn at(ip: &str) -> Setup {
        Setup {
            ip: ip.to_owned(),
            expires: 3600,
            definitions: Vec::new(),
            certificate: None,
            config: "kamailio.cfg",
            behind: String::new(),
        }
    }

    /// An edge proxy on `ip`:5060 that passes everything on to the registrar over TCP, with itself in the Path (RFC 3327), and
    /// takes calls only by the Service-Route (RFC 3608) that it gives out.
    pub fn edge(ip: &str, registrar: &str) -> Kamailio {
        Setup {
            config: "edge.cfg",
            behind: registrar.to_owned(),
            ..Kamailio::at(ip)
        }
        .start()
    }

    /// Ends it; the ports are free afterwards.
    pub fn stop(self) {
        drop(self);
    }

    /// Where it reaches this user: one entry a binding, each as it came over the wire (`sip:10.77.0.2:40000;transport=tcp`).
    pub fn bindings(&self, user: &str) -> Vec<String> {
        let said = self.ask(&["ul.lookup", "location", &format!("s:{user}")]);
        let value = |line: &str, name: &str| line.trim().strip_prefix(name).map(str::to_owned);
        said.lines().filter_map(|line| value(line, "Received: ")).collect()
    }

    /// Waits until it reaches this user somewhere else than `before`; gives the new binding.
    pub fn bound(&self, user: &str, within: Duration, before: &[String]) -> String {
        crate::eventually_or(
            within,
            || {
                self.bindings(user)
                    .into_iter()
                    .find(|binding| !before.contains(binding))
            },
            || {
                format!(
                    "a binding of {user} besides {before:?}; there is {:?}",
                    self.bindings(user)
                )
            },
        )
    }

    /// Whether it has this user's bindings no more, or only some whose time is over.
    pub fn expired(&self, user: &str) -> bool {
        let said = self.ask(&["ul.lookup", "location", &format!("s:{user}")]);
        let mut expires = said.lines().filter_map(|line| line.trim().strip_prefix("Expires: "));
        expires.all(|left| left.parse::<i64>().map_or(true, |left| left <= 0))
    }

    /// Waits until it reaches this user nowhere.
    pub fn unbound(&self, user: &str) {
        let within = Duration::from_secs(5);
        crate::eventually(&format!("no binding of {user}"), within, || {
            self.bindings(user).is_empty().then_some(())
        });
    }

    /// Asks over its control socket, as `kamcmd` does.
    pub fn ask(&self, words: &[&str]) -> String {
        let socket = format!("unix:{}", self.folder.path().join("ctl").display());
        let said = Command::new("kamcmd")
            .args(["-s", &socket])
            .args(words)
            .output()
            .unwrap();
        String::from_utf8_lossy(&said.stdout).into_owned()
    }

    /// Ends it as a crash or a power cut would: no connection is closed politely, nothing is written.
    pub fn crash(mut self) {
        let children = format!("/proc/{0}/task/{0}/children", self.process.child.id());
        let children = std::fs::read_to_string(children).unwrap_or_default();
        let own: Vec<String> = children.split_whitespace().map(str::to_owned).collect();
        let _ = self.process.child.kill();
        let _ = self.process.child.wait();
        let _ = Command::new("kill").arg("-KILL").args(own).status();
    }

    /// What it has logged.
    pub fn log(&self) -> String {
        self.process.printed()
    }
}

impl Setup {
    /// How long it registers, in seconds.
    pub fn expires(mut self, seconds: u32) -> Setup {
        self.expires = seconds;
        self
    }

    /// TLS on port 5061 with this certificate.
    pub fn tls(mut self, certificate: &Certificate) -> Setup {
        self.certificate = Some(certificate.clone());
        self.with("WITH_TLS")
    }

    /// WebSocket on port 8080, and on 8443 over TLS where there is TLS.
    pub fn websocket(self) -> Setup {
        self.with("WITH_WEBSOCKET")
    }

    /// The event packages presence, dialog and message-summary; it watches the calls that go through it.
    pub fn presence(self) -> Setup {
        self.with("WITH_PRESENCE")
    }

    /// Asks for SHA-256 instead of MD5.
    pub fn sha256(self) -> Setup {
        self.with("WITH_SHA256")
    }

    fn with(mut self, definition: &'static str) -> Setup {
        self.definitions.push(definition);
        self
    }

    /// Starts it; it answers when this returns.
    pub fn start(self) -> Kamailio {
        crate::lab();
        let folder = tempfile::tempdir().unwrap();
        let config = self.write(folder.path());
        let mut command = Command::new("kamailio");
        // -DD keeps the main process ours, so that ending it ends its children.
        command.args(["-DD", "-E", "-m", "64", "-M", "4"]);
        for definition in &self.definitions {
            command.args(["-A", definition]);
        }
        command.arg("-f").arg(&config).arg("-Y").arg(folder.path());
        command.arg("-P").arg(folder.path().join("pid"));
        let process = Owned::start(command, &folder.path().join("log"));
        answers(&self.ip, &process);
        Kamailio {
            process,
            ip: self.ip,
            folder,
        }
    }

    fn write(&self, folder: &Path) -> PathBuf {
        if let Some(certificate) = &self.certificate {
            std::fs::write(folder.join("server.pem"), &certificate.pem).unwrap();
            std::fs::write(folder.join("server.key"), &certificate.key).unwrap();
        }
        if self.definitions.contains(&"WITH_PRESENCE") {
            create_database(&folder.join("presence.db"));
        }
        let source = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
            .join("interop/peers")
            .join(self.config);
        let text = std::fs::read_to_string(source)
            .unwrap()
            .replace("@IP@", &host(&self.ip))
            .replace("@BEHIND@", &host(&self.behind))
            .replace("@EXPIRES@", &self.expires.to_string())
            .replace("@VOICEMAIL@", VOICEMAIL)
            .replace("@RUN@", &folder.display().to_string());
        let config = folder.join("kamailio.cfg");
        std::fs::write(&config, text).unwrap();
        config
    }
}

impl Drop for Kamailio {
    fn drop(&mut self) {
        if self.process.child.try_wait().is_ok_and(|ended| ended.is_some()) {
            return;
        }
        // Politely, so that it ends its own children and frees the ports.
        let pid = self.process.child.id().to_string();
        let _ = Command::new("kill").arg(&pid).status();
        crate::eventually("kamailio ends", Duration::from_secs(10), || {
            self.process.child.try_wait().ok().flatten()
        });
    }
}

/// The tables the presence modules keep their documents in.
fn create_database(path: &Path) {
    let tables = ["standard", "presence"].map(|name| format!(".read /usr/share/kamailio/db_sqlite/{name}-create.sql"));
    let script = format!("PRAGMA synchronous=off;\nBEGIN;\n{}\nCOMMIT;\n", tables.join("\n"));
    let mut sqlite = Command::new("sqlite3").arg(path).stdin(Stdio::piped()).spawn().unwrap();
    std::io::Write::write_all(&mut sqlite.stdin.take().unwrap(), script.as_bytes()).unwrap();
    assert!(sqlite.wait().unwrap().success(), "kamailio's tables could not be made");
}

fn answers(ip: &str, process: &Owned) {
    let (socket, host) = (UdpSocket::bind((ip, 0)).unwrap(), host(ip));
    socket.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
    let port = socket.local_addr().unwrap().port();
    let options = format!(
        "OPTIONS sip:{host} SIP/2.0\r\nVia: SIP/2.0/UDP {host}:{port};branch=z9hG4bKlab;rport\r\nFrom: <sip:lab@{host}>;tag=lab\r\n\
         To: <sip:{host}>\r\nCall-ID: lab\r\nCSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n"
    );
    crate::eventually("kamailio answers", Duration::from_secs(20), || {
        let _ = socket.send_to(options.as_bytes(), (ip, 5060));
        let mut buffer = [0; 2000];
        let answered = socket
            .recv(&mut buffer)
            .is_ok_and(|length| buffer[..length].starts_with(b"SIP/2.0 200"));
        if answered {
            Some(())
        } else {
            process
                .printed()
                .contains("ERROR: ")
                .then(|| panic!("{}", process.printed()))
        }
    });
}

/// As it stands in a URI (RFC 3261 section 25.1): IPv6 in brackets.
fn host(ip: &str) -> String {
    if ip.contains(':') {
        format!("[{ip}]")
    } else {
        ip.to_owned()
    }
}
