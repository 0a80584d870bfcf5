//! A far end by script, played by sipp: what it waits for and what it says, one line each, in the order of the call.
//!
//! What it says in answer to an INVITE repeats that INVITE, however many other requests came since; what it asks within the call goes to
//! the phone's Contact with the tags of the call. The scenario it makes lies beside its log.
use crate::child::Owned;
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// What is kept of the INVITE, or of the answer to ours. Later INVITEs of a call are kept without the last three.
const KEPT: [(&str, &str, &str); 6] = [
    ("via", "Via:", ".*"),
    ("cseq", "CSeq:", ".*"),
    ("from", "From:", ".*"),
    ("to", "To:", ".*"),
    ("peer", "Contact:", "sips?:[^&gt;]*"),
    ("reliable", "RSeq:", "[0-9]+"),
];
const ONLY_FIRST: [&str; 3] = ["from", "to", "peer"];
const CALLER: &str = "\"Script\" <sip:script@[local_ip]>;tag=caller";
const SDP: &str = "v=0\no=s 1 1 IN IP4 [local_ip]\ns=-\nc=IN IP4 [media_ip]\nt=0 0\nm=audio [media_port] RTP/AVP 0\n\
    a=rtpmap:0 PCMU/8000\n";

/// A script being written.
pub struct Script {
    name: String,
    steps: String,
    calls: bool,
    /// The method of the request that came last.
    asked: String,
    sequence: u32,
    /// The number of our last INVITE: its ACK and its CANCEL have it too.
    invited: u32,
    up: bool,
}

impl Script {
    /// It is called.
    pub fn called(name: &str) -> Script {
        Script {
            name: name.to_owned(),
            steps: String::new(),
            calls: false,
            asked: String::new(),
            sequence: 100,
            invited: 0,
            up: false,
        }
    }

    /// It calls: the first step is to be `asks("INVITE", …)`.
    pub fn calls(name: &str) -> Script {
        Script {
            calls: true,
            sequence: 0,
            ..Script::called(name)
        }
    }

    /// Waits for a request (`"BYE"`) or a response (`"180"`); with a question mark it may come or not.
    pub fn expects(self, what: &str) -> Script {
        self.expects_with(what, "", "")
    }

    /// Waits for one whose header field matches; `body` is its body.
    pub fn expects_with(mut self, what: &str, header: &str, pattern: &str) -> Script {
        let (what, optional) = match what.strip_suffix('?') {
            Some(what) => (what, " optional=\"true\""),
            None => (what, ""),
        };
        let is_response = what.starts_with(|c: char| c.is_ascii_digit());
        let kind = if is_response { "response" } else { "request" };
        let mut actions = String::new();
        let keeps = match is_response {
            // A tag comes with any response but 100.
            true => self.calls && !self.up && what != "100",
            false => !self.calls && what == "INVITE",
        };
        let kept = KEPT.iter().filter(|(name, ..)| !self.up || !ONLY_FIRST.contains(name));
        // The number of a reliable ringing, where the caller deals with such.
        let kept = kept.filter(|(name, ..)| *name != "reliable" || (is_response && header == "RSeq"));
        for (name, header, pattern) in kept.filter(|_| keeps) {
            let _ = write!(
                actions,
                "<ereg regexp=\"{pattern}\" search_in=\"hdr\" header=\"{header}\" assign_to=\"{name}\"/>"
            );
        }
        if !header.is_empty() {
            let place = match header {
                "body" => "search_in=\"body\"".to_owned(),
                header => format!("search_in=\"hdr\" header=\"{header}:\""),
            };
            let _ = write!(
                actions,
                "<ereg regexp=\"{}\" {place} check_it=\"true\" assign_to=\"seen\"/>",
                escaped(pattern)
            );
        }
        if !is_response {
            self.asked = what.to_owned();
        }
        let _ = writeln!(
            self.steps,
            "<recv {kind}=\"{what}\"{optional}><action>{actions}</action></recv>"
        );
        self
    }

    /// Answers the request that came last, with its own tag. `more` are header fields; `sdp` alone on a line is a description,
    /// `audio 9 0; a=ptime:30` one with these formats and attributes.
    pub fn answers(self, code: u16, more: &str) -> Script {
        let method = self.asked.clone();
        self.answers_as("one", &method, code, more)
    }

    /// Answers the last request of this method, in the voice of the phone with this tag.
    pub fn answers_as(mut self, tag: &str, method: &str, code: u16, more: &str) -> Script {
        let head = match method {
            "INVITE" if !self.calls => format!("Via: [$via]\nFrom: [$from]\nTo: [$to];tag={tag}\nCSeq: [$cseq]\n"),
            "CANCEL" => format!("[last_Via:]\n[last_From:]\n[last_To:];tag={tag}\n[last_CSeq:]\n"),
            _ => "[last_Via:]\n[last_From:]\n[last_To:]\n[last_CSeq:]\n".to_owned(),
        };
        self.says(&format!("SIP/2.0 {code} Script\n{head}"), more);
        self
    }

    /// From here on the call is up: INVITEs are within it.
    pub fn up(mut self) -> Script {
        self.up = true;
        self
    }

    /// Asks something; within the call once there is one.
    pub fn asks(mut self, method: &str, more: &str) -> Script {
        // An INVITE before the call is up is a new one, as after a refusal.
        let first = !self.up && method == "INVITE";
        if !["ACK", "CANCEL"].contains(&method) {
            self.sequence += 1;
        }
        if method == "INVITE" {
            self.invited = self.sequence;
        }
        let number = if ["ACK", "CANCEL"].contains(&method) {
            self.invited
        } else {
            self.sequence
        };
        let own = "sip:[service]@[remote_ip]:[remote_port]";
        let (target, from, to) = match self.calls {
            true if first || method == "CANCEL" => (own, CALLER, "<sip:[service]@[local_ip]>"),
            true => ("[$peer]", CALLER, "[$to]"),
            false => ("[$peer]", "[$to];tag=one", "[$from]"),
        };
        let via = match method {
            // The response that came last repeats the Via of the INVITE.
            "CANCEL" => "[last_Via:]",
            _ => "Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]",
        };
        self.says(
            &format!(
                "{method} {target} SIP/2.0\n{via}\nMax-Forwards: 70\nFrom: {from}\nTo: {to}\nCSeq: {number} {method}\n"
            ),
            more,
        );
        self
    }

    /// Acknowledges the refusal that came last.
    pub fn acknowledges_refusal(mut self) -> Script {
        let target = if self.calls {
            "sip:[service]@[remote_ip]:[remote_port]"
        } else {
            "[$peer]"
        };
        let number = self.invited;
        self.says(
            &format!("ACK {target} SIP/2.0\n[last_Via:]\n[last_From:]\n[last_To:]\nCSeq: {number} ACK\n"),
            "",
        );
        self
    }

    /// Says nothing for a while.
    pub fn waits(mut self, milliseconds: u32) -> Script {
        let _ = writeln!(self.steps, "<pause milliseconds=\"{milliseconds}\"/>");
        self
    }

    fn says(&mut self, head: &str, more: &str) {
        let fields: String = more
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty() && !is_body(line))
            .map(|line| format!("{line}\n"))
            .collect();
        let body = match more.lines().map(str::trim).find(|line| is_body(line)) {
            Some("sdp") => format!("Content-Type: application/sdp\nContent-Length: [len]\n\n{SDP}"),
            Some(line) if line.starts_with("audio ") => {
                let mut parts = line.trim_start_matches("audio ").split(';').map(str::trim);
                let formats = parts.next().unwrap_or_default();
                let head = SDP.split("m=audio").next().unwrap_or_default();
                let attributes: String = parts.map(|attribute| format!("{attribute}\n")).collect();
                format!(
                    "Content-Type: application/sdp\nContent-Length: [len]\n\n{head}m=audio [media_port] RTP/AVP {formats}\n{attributes}"
                )
            }
            Some(line) => format!("Content-Length: [len]\n\n{}\n", line.trim_start_matches("body ")),
            None => "Content-Length: 0\n\n".to_owned(),
        };
        let contact = "Contact: <sip:script@[local_ip]:[local_port];transport=[transport]>\n";
        let contact = if fields.contains("Contact:") { "" } else { contact };
        let _ = writeln!(
            self.steps,
            "<send><![CDATA[\n{head}Call-ID: [call_id]\n{contact}{fields}{body}]]></send>"
        );
    }

    /// Writes the scenario into the folder; gives its path.
    pub fn write(&self, folder: &Path) -> PathBuf {
        let names = KEPT.iter().map(|(name, ..)| *name).chain(["seen"]);
        let names: Vec<&str> = names
            .filter(|name| self.steps.contains(&format!("assign_to=\"{name}\"")))
            .collect();
        let scenario = format!(
            "<?xml version=\"1.0\" encoding=\"ISO-8859-1\" ?>\n<scenario name=\"{}\">\n{}<Reference variables=\"{}\"/>\n</scenario>\n",
            self.name,
            self.steps,
            names.join(",")
        );
        let path = folder.join(format!("{}.xml", self.name));
        std::fs::write(&path, scenario).unwrap();
        path
    }

    /// Plays it once, as `ip`; when it calls, `phone` is whom.
    pub fn play(self, folder: &Path, ip: &str, phone: Option<&str>) -> Owned {
        let arguments = match phone {
            Some(phone) => vec!["-s", "102", phone],
            None => vec!["-p", "5060"],
        };
        crate::sipp::play(folder, &self.write(folder), ip, &[], &arguments)
    }
}

fn is_body(line: &str) -> bool {
    line == "sdp" || line.starts_with("body ") || line.starts_with("audio ")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}
