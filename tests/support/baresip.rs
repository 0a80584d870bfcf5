//! baresip, controlled over its JSON netstrings on TCP.
use crate::child::Owned;
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

pub struct Baresip {
    pub process: Owned,
    control: TcpStream,
    buffer: Vec<u8>,
    folder: PathBuf,
}

const ECHO: &str = "audio_player aubridge,loop\naudio_source aubridge,loop\n";

impl Baresip {
    /// Starts it as `user` at `registrar`, answering by itself and sending back what it hears.
    pub fn start(folder: &Path, ip: &str, user: &str, registrar: &str, parameters: &str) -> Baresip {
        Baresip::start_with(folder, ip, user, registrar, parameters, ECHO, "PCMU,PCMA")
    }

    /// The same with these codecs only, as baresip writes them: `opus/48000/2`, `G722/16000`, `PCMA/8000/1`.
    pub fn with_codecs(folder: &Path, ip: &str, user: &str, registrar: &str, codecs: &str) -> Baresip {
        let sound = format!("{ECHO}opus_inbandfec yes\nopus_bitrate 28000\nmodule opus.so\nmodule g722.so\n");
        Baresip::start_with(folder, ip, user, registrar, "", &sound, codecs)
    }

    /// The same with its SRTP loaded; `parameters` of the account say when it is used.
    pub fn encrypting(folder: &Path, ip: &str, user: &str, registrar: &str, parameters: &str) -> Baresip {
        let sound = format!("{ECHO}module srtp.so\n");
        let codecs = format!("PCMU,PCMA{parameters}");
        Baresip::start_with(folder, ip, user, registrar, "", &sound, &codecs)
    }

    /// The same with a tone for a voice, and what it hears written down.
    pub fn speaking(folder: &Path, ip: &str, user: &str, registrar: &str, hertz: f64) -> Baresip {
        let own = folder.join(format!("baresip-{user}"));
        std::fs::create_dir_all(&own).unwrap();
        let tone = own.join("in.wav");
        crate::sound::write_tone(&tone, hertz, 60.0);
        let sound = format!(
            "audio_player aubridge,ear\naudio_source aufile,{}\nsnd_path {}\nmodule aufile.so\nmodule sndfile.so\n",
            tone.display(),
            own.display()
        );
        Baresip::start_with(folder, ip, user, registrar, "", &sound, "PCMU,PCMA")
    }

    fn start_with(
        folder: &Path,
        ip: &str,
        user: &str,
        registrar: &str,
        parameters: &str,
        sound: &str,
        codecs: &str,
    ) -> Baresip {
        let folder = folder.join(format!("baresip-{user}"));
        std::fs::create_dir_all(&folder).unwrap();
        write_config_with(&folder, ip, sound);
        let account = format!(
            "<sip:{user}@{registrar}{parameters}>;auth_user={user};auth_pass=pw{user};answermode=auto;regint=60;outbound=\"sip:{registrar}\";audio_codecs={codecs}\n"
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
            folder,
        };
        crate::eventually("baresip is registered", Duration::from_secs(20), || {
            baresip.process.printed().contains("200 OK").then_some(())
        });
        baresip
    }

    /// What it has heard, one recording a call, the newest last.
    pub fn heard(&self) -> Vec<PathBuf> {
        let files = std::fs::read_dir(&self.folder)
            .unwrap()
            .map(|entry| entry.unwrap().path());
        let mut heard: Vec<PathBuf> = files
            .filter(|path| path.to_string_lossy().ends_with("-dec.wav"))
            .collect();
        heard.sort();
        heard
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
    write_config_with(folder, ip, ECHO);
}

fn write_config_with(folder: &Path, ip: &str, sound: &str) {
    let modules = module_folder();
    let mut config = format!(
        "sip_listen {ip}:5060\nnet_interface lab0\nmodule_path {modules}\n{sound}audio_alert aubridge,sink\nringback_disabled yes\nctrl_tcp_listen {ip}:4444\n"
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
