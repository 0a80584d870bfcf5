//! SIP messages in the log, without what is nobody's business: credentials gone, names and numbers blotted out, no bodies.

/// Header fields that only steer a message; all others lose their value.
const HARMLESS: [&str; 24] = [
    "via",
    "v",
    "cseq",
    "call-id",
    "i",
    "content-length",
    "l",
    "content-type",
    "c",
    "max-forwards",
    "expires",
    "min-expires",
    "allow",
    "supported",
    "k",
    "require",
    "user-agent",
    "server",
    "retry-after",
    "session-expires",
    "x",
    "min-se",
    "event",
    "reason",
];

/// A message as the log may show it.
pub(crate) fn redacted(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let mut lines = text.split("\r\n");
    let mut out = start_line(lines.next().unwrap_or_default());
    for line in lines.take_while(|line| !line.is_empty()) {
        let name = line.split(':').next().unwrap_or_default().trim();
        out.push_str("\n  ");
        if HARMLESS.iter().any(|known| known.eq_ignore_ascii_case(name)) {
            out.extend(line.chars().filter(|c| !c.is_control()));
        } else if line.starts_with([' ', '\t']) {
            out.push('…');
        } else {
            out.extend(name.chars().filter(|c| !c.is_control()));
            out.push_str(": …");
        }
    }
    out
}

/// Method and version, or the status; the address in between is somebody's number.
fn start_line(line: &str) -> String {
    if line.starts_with("SIP/") {
        return line.chars().filter(|c| !c.is_control()).collect();
    }
    let method = line.split(' ').next().unwrap_or_default();
    format!("{} …", method.chars().filter(|c| !c.is_control()).collect::<String>())
}
