//! A headless phone with one line at kamailio, as the tests here start it.
use parley_tests::certificates::Authority;
use parley_tests::kamailio::{Kamailio, Setup};
use parley_tests::phone::{PATIENCE, Phone, config};
use parley_tests::sound;
use serde_json::{Value, json};
use std::time::Duration;
use tempfile::NamedTempFile;

pub const REGISTRAR: &str = "10.77.0.9";

/// An authority of one's own that the phones' systems trust, as in a company.
pub struct Trust {
    authority: Authority,
    roots: NamedTempFile,
}

impl Trust {
    pub fn new() -> Trust {
        let authority = Authority::new("The company's own");
        let roots = NamedTempFile::new().unwrap();
        std::fs::write(&roots, &authority.pem).unwrap();
        Trust { authority, roots }
    }

    /// A registrar with a certificate of that authority, for every transport.
    pub fn registrar(&self) -> Setup {
        self.registrar_certified_for(&["pbx.test", REGISTRAR])
    }

    /// The same, with a certificate for these names.
    pub fn registrar_certified_for(&self, names: &[&str]) -> Setup {
        let certificate = self.authority.certify(names);
        Kamailio::at(REGISTRAR).tls(&certificate).websocket()
    }

    /// A line of a system that trusts the authority.
    pub fn line(&self, user: &str, transport: &str) -> Line {
        let path = self.roots.path().to_str().unwrap();
        Line::of(user).over(transport).environment("SSL_CERT_FILE", path)
    }
}

/// What a line is to be before it starts.
pub struct Line {
    password: String,
    account: Value,
    config: Value,
    tone: Option<f64>,
    /// Samples a second of that tone.
    rate: u32,
    environment: Vec<(String, String)>,
}

impl Line {
    /// This user of the realm pbx.test, over UDP, at [REGISTRAR].
    pub fn of(user: &str) -> Line {
        Line {
            password: format!("pw{user}"),
            account: json!({ "name": "Sales", "displayName": format!("Agent {user}"), "user": user, "domain": "pbx.test",
                "outboundProxy": REGISTRAR, "transport": "udp", "passwordEnv": "PARLEY_TEST_PASSWORD" }),
            config: config(std::path::Path::new(""), ""),
            tone: None,
            rate: 8000,
            environment: Vec::new(),
        }
        .listening("10.77.0.2")
    }

    /// Over this transport; the ports are kamailio's.
    pub fn over(self, transport: &str) -> Line {
        let port = match transport {
            "tls" => ":5061",
            "ws" => ":8080",
            "wss" => ":8443",
            _ => "",
        };
        self.account("transport", json!(transport))
            .account("outboundProxy", json!(format!("{REGISTRAR}{port}")))
    }

    /// From this address, on a free port.
    pub fn listening(self, ip: &str) -> Line {
        self.config("listen", json!(format!("{ip}:0")))
    }

    /// From whatever address leads to the server, as anybody's phone does.
    pub fn roaming(mut self) -> Line {
        self.config.as_object_mut().unwrap().remove("listen");
        self
    }

    /// Finds its server by the domain alone, with this name server.
    pub fn asking(mut self, dns: &str) -> Line {
        self.account.as_object_mut().unwrap().remove("outboundProxy");
        self.config("dns", json!(dns))
    }

    /// With another password than the right one.
    pub fn password(mut self, password: &str) -> Line {
        password.clone_into(&mut self.password);
        self
    }

    /// With a tone for a voice, and what it hears written down.
    pub fn speaking(mut self, hertz: f64) -> Line {
        self.tone = Some(hertz);
        self
    }

    /// With a tone that only a wide-band codec carries.
    pub fn speaking_wide(mut self, hertz: f64) -> Line {
        self.rate = 48_000;
        self.speaking(hertz)
    }

    /// Any other key of the account.
    pub fn account(mut self, key: &str, value: Value) -> Line {
        self.account[key] = value;
        self
    }

    /// Any other key of the configuration.
    pub fn config(mut self, key: &str, value: Value) -> Line {
        self.config[key] = value;
        self
    }

    /// An environment variable of the phone.
    pub fn environment(mut self, name: &str, value: &str) -> Line {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Starts it, registered or not.
    pub fn start(mut self) -> Phone {
        parley_tests::lab();
        let folder = tempfile::tempdir().unwrap();
        self.config["dataFolder"] = json!(folder.path().join("data"));
        if let Some(hertz) = self.tone {
            let (input, output) = (folder.path().join("in.wav"), folder.path().join("out.wav"));
            sound::write_tone_at(self.rate, &input, hertz, 5.0);
            self.config["audio"] = json!({ "file": { "input": input, "output": output } });
        }
        self.config["accounts"] = json!([self.account]);
        Phone::start_in(folder, self.config, |command| {
            command
                .env("PARLEY_TEST_PASSWORD", &self.password)
                .envs(self.environment);
        })
    }

    /// Starts it and waits until it is registered.
    pub fn registered(self) -> Phone {
        let phone = self.start();
        phone.registered();
        phone
    }
}

/// Waits for the sound of the other: so many seconds of this tone at a stretch.
pub fn talks(phone: &Phone, hertz: f64, seconds: f64) {
    talks_after(phone, 0.0, hertz, seconds);
}

/// The same, counting only what was heard after the first `start` seconds of its recording.
pub fn talks_after(phone: &Phone, start: f64, hertz: f64, seconds: f64) {
    parley_tests::eventually(
        &format!("{seconds} s of {hertz} Hz after the first {start:.1} s"),
        PATIENCE,
        || (sound::seconds_of_tone_after(&phone.output_wav(), start, hertz, 0.8) >= seconds).then_some(()),
    );
}

/// How much it has written down so far, in seconds.
pub fn heard_so_far(phone: &Phone) -> f64 {
    sound::seconds(&phone.output_wav())
}

/// Two phones in a call, the first having dialled the second; gives the call's number at each.
pub fn call(anna: &mut Phone, ben: &mut Phone, number: &str) -> (Value, Value) {
    let call = anna.ask(json!({ "type": "dial", "target": number }))["call"].clone();
    let ringing = ben.call_in("incoming");
    ben.ask(json!({ "type": "answer", "call": ringing["id"] }));
    anna.call_in("active");
    ben.call_in("active");
    (call, ringing["id"].clone())
}

/// Waits for a registration that failed; gives its state.
pub fn failure(phone: &Phone) -> Value {
    phone.wait("a failed registration", |heard| {
        let mut states = heard.accounts.values().map(|account| account["registration"].clone());
        states.find(|state| state["type"] == "failed")
    })
}

/// Waits until no account says any more that it is registered.
pub fn lost(phone: &Phone, within: Duration) {
    phone.wait_for("the line lost", within, |heard| {
        let mut accounts = heard.accounts.values();
        accounts
            .all(|account| account["registration"]["type"] != "registered")
            .then_some(())
    });
}

/// Waits until the far end asks us to call somebody, and agrees; gives the number of the new call.
pub fn agree(phone: &mut Phone) -> Value {
    let call = phone.wait("a referral", |heard| {
        heard.calls.values().find(|call| call["referral"].is_object()).cloned()
    });
    phone.ask(json!({ "type": "answer_referral", "call": call["id"], "accept": true }))["call"].clone()
}
