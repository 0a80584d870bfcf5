//! The calls of a line: `application/dialog-info+xml` (RFC 4235).

use roxmltree::Node;

use super::BodyError;
use super::xml::{self, Writer};

/// The media type.
pub const CONTENT_TYPE: &str = "application/dialog-info+xml";

/// Most calls of one line taken over.
pub(super) const DIALOGS: usize = 64;
/// Most target parameters taken over.
const PARAMS: usize = 16;
const NAMESPACE: &str = "urn:ietf:params:xml:ns:dialog-info";

/// One document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DialogInfo {
    /// Goes up by one with each document of a subscription.
    pub version: u32,
    /// All calls; else only those that changed.
    pub full: bool,
    /// Whose calls.
    pub entity: String,
    /// The calls.
    pub dialogs: Vec<Dialog>,
}

/// One call of the line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dialog {
    /// Names the call within the documents of one notifier.
    pub id: String,
    /// `Call-ID`, when it is told.
    pub call_id: Option<String>,
    /// The tag of the line itself.
    pub local_tag: Option<String>,
    /// The tag of the other side.
    pub remote_tag: Option<String>,
    /// Who called.
    pub direction: Option<DialogDirection>,
    /// How far it is.
    pub state: DialogState,
    /// The line itself.
    pub local: Party,
    /// The other side.
    pub remote: Party,
}

/// Who sent the INVITE (RFC 4235 section 4.1.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DialogDirection {
    /// The line called.
    Initiator,
    /// The line was called.
    Recipient,
}

/// How far a call is (RFC 4235 section 3.7.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DialogState {
    /// INVITE.
    Trying,
    /// A provisional answer without a tag.
    Proceeding,
    /// A provisional answer with a tag: it rings.
    Early,
    /// 2xx.
    Confirmed,
    /// Over.
    Terminated,
}

/// One side of a call.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Party {
    /// Its address, as `sip:` or whatever it is.
    pub identity: Option<String>,
    /// The name beside it.
    pub display: Option<String>,
    /// Its Contact.
    pub target: Option<String>,
    /// Parameters of the Contact, such as `+sip.rendering`.
    pub target_params: Vec<(String, String)>,
}

impl Party {
    /// Whether it says that it does not listen: `+sip.rendering` is `no` (RFC 4235 section 5.2): held.
    pub fn is_holding(&self) -> bool {
        self.target_params
            .iter()
            .any(|(name, value)| name.eq_ignore_ascii_case("+sip.rendering") && value.eq_ignore_ascii_case("no"))
    }
}

impl DialogState {
    const ALL: [(Self, &'static str); 5] = [
        (Self::Trying, "trying"),
        (Self::Proceeding, "proceeding"),
        (Self::Early, "early"),
        (Self::Confirmed, "confirmed"),
        (Self::Terminated, "terminated"),
    ];

    fn word(self) -> &'static str {
        let known = Self::ALL.iter().find(|(state, _)| *state == self);
        known.map_or("terminated", |(_, word)| word)
    }

    fn named(word: &str) -> Option<Self> {
        let known = Self::ALL.iter().find(|(_, known)| known.eq_ignore_ascii_case(word));
        known.map(|(state, _)| *state)
    }
}

impl Dialog {
    /// A call without anything known but its name and state.
    pub fn new(id: &str, state: DialogState) -> Self {
        Self {
            id: id.to_owned(),
            call_id: None,
            local_tag: None,
            remote_tag: None,
            direction: None,
            state,
            local: Party::default(),
            remote: Party::default(),
        }
    }

    /// Somebody rings there: an early call to the line. Without a direction nobody knows who rings whom: no.
    pub fn is_ringing(&self) -> bool {
        self.direction == Some(DialogDirection::Recipient)
            && matches!(
                self.state,
                DialogState::Trying | DialogState::Proceeding | DialogState::Early
            )
    }

    fn read(node: Node<'_, '_>) -> Option<Self> {
        let state = xml::content(xml::child(node, "state")?)?;
        let direction = match xml::attribute(node, "direction").as_deref() {
            Some("initiator") => Some(DialogDirection::Initiator),
            Some("recipient") => Some(DialogDirection::Recipient),
            _ => None,
        };
        let party = |name| xml::child(node, name).map(Party::read).unwrap_or_default();
        Some(Self {
            id: xml::attribute(node, "id")?,
            call_id: xml::attribute(node, "call-id"),
            local_tag: xml::attribute(node, "local-tag"),
            remote_tag: xml::attribute(node, "remote-tag"),
            direction,
            state: DialogState::named(&state)?,
            local: party("local"),
            remote: party("remote"),
        })
    }

    fn write(&self, out: &mut Writer) {
        let direction = self.direction.map(|direction| match direction {
            DialogDirection::Initiator => "initiator",
            DialogDirection::Recipient => "recipient",
        });
        let attributes = [
            ("id", Some(self.id.as_str())),
            ("call-id", self.call_id.as_deref()),
            ("local-tag", self.local_tag.as_deref()),
            ("remote-tag", self.remote_tag.as_deref()),
            ("direction", direction),
        ];
        out.open("dialog", &attributes);
        out.leaf("state", &[], self.state.word());
        self.local.write(out, "local");
        self.remote.write(out, "remote");
        out.close();
    }
}

impl Party {
    fn read(node: Node<'_, '_>) -> Self {
        let identity = xml::child(node, "identity");
        let target = xml::child(node, "target");
        let param = |param| {
            let value = xml::attribute(param, "pval").or_else(|| xml::content(param));
            Some((xml::attribute(param, "pname")?, value.unwrap_or_default()))
        };
        let params = target.map(|target| xml::children(target, "param").filter_map(param).take(PARAMS).collect());
        Self {
            identity: identity.and_then(xml::content),
            display: identity.and_then(|identity| xml::attribute(identity, "display")),
            target: target.and_then(|target| xml::attribute(target, "uri")),
            target_params: params.unwrap_or_default(),
        }
    }

    fn write(&self, out: &mut Writer, name: &'static str) {
        if self.identity.is_none() && self.target.is_none() {
            return;
        }
        out.open(name, &[]);
        if let Some(identity) = &self.identity {
            out.leaf("identity", &[("display", self.display.as_deref())], identity);
        }
        if let Some(target) = &self.target {
            out.open("target", &[("uri", Some(target))]);
            for (name, value) in &self.target_params {
                out.empty("param", &[("pname", Some(name)), ("pval", Some(value))]);
            }
            out.close();
        }
        out.close();
    }
}

impl DialogInfo {
    /// Reads a body. A call that cannot be understood is left out; the others stand.
    pub fn read(body: &[u8]) -> Result<Self, BodyError> {
        let document = xml::parse(xml::text(body)?, "dialog-info")?;
        let root = document.root_element();
        let version = xml::attribute(root, "version").and_then(|version| version.parse().ok());
        let full = match xml::attribute(root, "state").as_deref() {
            Some("full") => true,
            Some("partial") => false,
            _ => return Err(BodyError::NotThis),
        };
        Ok(Self {
            version: version.ok_or(BodyError::NotThis)?,
            full,
            entity: xml::attribute(root, "entity").unwrap_or_default(),
            dialogs: xml::children(root, "dialog")
                .filter_map(Dialog::read)
                .take(DIALOGS)
                .collect(),
        })
    }

    /// The document for the wire.
    pub fn write(&self) -> Vec<u8> {
        let mut out = Writer::new();
        let attributes = [
            ("xmlns", Some(NAMESPACE)),
            ("version", Some(&*self.version.to_string())),
            ("state", Some(if self.full { "full" } else { "partial" })),
            ("entity", Some(self.entity.as_str())),
        ];
        out.open("dialog-info", &attributes);
        for dialog in &self.dialogs {
            dialog.write(&mut out);
        }
        out.finish()
    }
}
