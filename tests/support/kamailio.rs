//! kamailio as registrar and proxy.
use crate::child::Owned;
use std::net::UdpSocket;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

pub struct Kamailio {
    process: Owned,
    pub ip: String,
}

impl Kamailio {
    /// Starts it on `ip`:5060, UDP and TCP; answers when this returns.
    pub fn start(ip: &str, expires: u32) -> Kamailio {
        let folder = std::env::temp_dir().join(format!("parley-kamailio-{}-{ip}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let source = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("interop/peers/kamailio.cfg");
        let text = std::fs::read_to_string(source)
            .unwrap()
            .replace("@IP@", ip)
            .replace("@EXPIRES@", &expires.to_string());
        let config = folder.join("kamailio.cfg");
        std::fs::write(&config, text).unwrap();
        let mut command = Command::new("kamailio");
        // -DD keeps the main process ours, so that ending it ends its children.
        command
            .args(["-DD", "-E", "-m", "32", "-M", "4"])
            .arg("-f")
            .arg(&config)
            .arg("-Y")
            .arg(&folder);
        command.arg("-P").arg(folder.join("pid"));
        let process = Owned::start(command, &folder.join("log"));
        answers(ip, &process);
        Kamailio {
            process,
            ip: ip.to_owned(),
        }
    }

    /// Ends it; the port is free afterwards.
    pub fn stop(self) {
        drop(self);
    }
}

impl Drop for Kamailio {
    fn drop(&mut self) {
        // Politely, so that it ends its own children and frees the port.
        let pid = self.process.child.id().to_string();
        let _ = Command::new("kill").arg(&pid).status();
        crate::eventually("kamailio ends", Duration::from_secs(10), || {
            self.process.child.try_wait().ok().flatten()
        });
    }
}

fn answers(ip: &str, process: &Owned) {
    let socket = UdpSocket::bind((ip, 0)).unwrap();
    socket.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
    let port = socket.local_addr().unwrap().port();
    let options = format!(
        "OPTIONS sip:{ip} SIP/2.0\r\nVia: SIP/2.0/UDP {ip}:{port};branch=z9hG4bKlab;rport\r\nFrom: <sip:lab@{ip}>;tag=lab\r\n\
         To: <sip:{ip}>\r\nCall-ID: lab\r\nCSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n"
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
