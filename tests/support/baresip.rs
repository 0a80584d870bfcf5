//! baresip, controlled over its JSON netstrings on TCP.
use crate::child::Owned;
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

pub struct Baresip {
    pub process: Owned,
    control: TcpStream,
    buffer: Vec<u8>,
}

impl Baresip {
    /// Starts it as `user` at `registrar`, answering by itself and sending back what it hears.
    pub fn start(folder: &Path, ip: &str, user: &str, registrar: &str, parameters: &str) -> Baresip {
        let folder = folder.join(format!("baresip-{user}"));
        std::fs::create_dir_all(&folder).unwrap();
        write_config(&folder, ip);
        let account = format!(
            "<sip:{user}@{registrar}{parameters}>;auth_user={user};auth_pass=pw{user};answermode=auto;regint=60;outbound=\"sip:{registrar}\";audio_codecs=PCMU,PCMA\n"
        );
        std::fs::write(folder.join("accounts"), account).unwrap();
        let mut command = Command::new("baresip");
        command.arg("-f").arg(&folder);
        let process = Owned::start(command, &folder.join("log"));
        let control = crate::eventually("baresip takes commands", Duration::from_secs(15), || {
            TcpStream::connect((ip, 4444)).ok()
        });
        control.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
        let baresip = Baresip {
            process,
            control,
            buffer: Vec::new(),
        };
        crate::eventually("baresip is registered", Duration::from_secs(20), || {
            baresip.process.printed().contains("200 OK").then_some(())
        });
        baresip
    }

    pub fn command(&mut self, command: &str, parameters: &str) {
        let text = json!({ "command": command, "params": parameters, "token": "t" }).to_string();
        write!(self.control, "{}:{text},", text.len()).unwrap();
    }

    /// Waits for an event of this type (`CALL_ESTABLISHED`, `CALL_CLOSED`, …).
    pub fn event(&mut self, kind: &str) -> Value {
        crate::eventually(kind, Duration::from_secs(15), || {
            self.read().into_iter().find(|value| value["type"] == kind)
        })
    }

    fn read(&mut self) -> Vec<Value> {
        let mut piece = [0; 4096];
        if let Ok(length) = self.control.read(&mut piece) {
            self.buffer.extend_from_slice(&piece[..length]);
        }
        let mut values = Vec::new();
        while let Some(colon) = self.buffer.iter().position(|byte| *byte == b':') {
            let length: usize = std::str::from_utf8(&self.buffer[..colon])
                .unwrap()
                .trim()
                .parse()
                .unwrap();
            if self.buffer.len() < colon + length + 2 {
                break;
            }
            values.extend(serde_json::from_slice::<Value>(&self.buffer[colon + 1..colon + 1 + length]).ok());
            self.buffer.drain(..colon + length + 2);
        }
        values
    }
}

/// Writes baresip's configuration: G.711, sending back what it hears, control over TCP.
pub fn write_config(folder: &Path, ip: &str) {
    let modules = module_folder();
    let mut config = format!(
        "sip_listen {ip}:5060\nnet_interface lab0\naudio_player aubridge,loop\naudio_source aubridge,loop\n\
         audio_alert aubridge,sink\nringback_disabled yes\nctrl_tcp_listen {ip}:4444\nmodule_path {modules}\n"
    );
    for module in ["g711", "aubridge", "auconv", "auresamp", "account"] {
        if Path::new(&modules).join(format!("{module}.so")).exists() {
            config += &format!("module {module}.so\n");
        }
    }
    config += "module_app ctrl_tcp.so\nmodule_app menu.so\n";
    std::fs::write(folder.join("config"), config).unwrap();
    std::fs::write(folder.join("contacts"), "").unwrap();
}

fn module_folder() -> String {
    let found = Command::new("sh")
        .args([
            "-c",
            "find /usr/lib* -path '*baresip/modules/g711.so' 2>/dev/null | head -1",
        ])
        .output();
    let path = String::from_utf8(found.unwrap().stdout).unwrap();
    Path::new(path.trim())
        .parent()
        .expect("baresip's modules are not installed")
        .to_string_lossy()
        .into_owned()
}
