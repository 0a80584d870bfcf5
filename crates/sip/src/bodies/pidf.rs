//! Presence: PIDF (RFC 3863) with the activities of RPID (RFC 4480).

use roxmltree::Node;

use super::BodyError;
use super::xml::{self, Writer};

/// The media type.
pub const CONTENT_TYPE: &str = "application/pidf+xml";

/// Most activities taken over.
const ACTIVITIES: usize = 16;
/// Longest note written, in characters.
const NOTE: usize = 256;

const PIDF: &str = "urn:ietf:params:xml:ns:pidf";
const PERSON: &str = "urn:ietf:params:xml:ns:pidf:data-model";
const RPID: &str = "urn:ietf:params:xml:ns:pidf:rpid";

/// What somebody is doing (RFC 4480 section 3.2).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Activity {
    /// `on-the-phone`.
    OnThePhone,
    /// `busy`.
    Busy,
    /// `away`.
    Away,
    /// Wants no calls. RPID has no word for it: written as `other` with the text `dnd`, read from whatever others write.
    DoNotDisturb,
    /// Any other, by its name: `meeting`, `vacation`, …
    Other(String),
}

impl Activity {
    fn read(node: Node<'_, '_>) -> Option<Self> {
        let name = node.tag_name().name();
        let said = xml::content(node);
        Some(match (name, said.as_deref()) {
            ("on-the-phone", _) => Self::OnThePhone,
            ("busy", _) => Self::Busy,
            ("away", _) => Self::Away,
            ("unknown", None) => return None,
            ("other", Some(text)) | (text, None) if is_do_not_disturb(text) => Self::DoNotDisturb,
            ("other", Some(text)) => Self::Other(text.to_owned()),
            (name, _) => Self::Other(name.to_owned()),
        })
    }
}

/// One document as received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pidf {
    /// Whose presence, `pres:` or `sip:`.
    pub entity: String,
    /// Whether somebody can be reached: any tuple is open. `None`: no tuple says.
    pub open: Option<bool>,
    /// Activities of all persons and tuples, each once.
    pub activities: Vec<Activity>,
    /// The first note: of the person, of a tuple, of the whole.
    pub note: Option<String>,
}

impl Pidf {
    /// Reads a body.
    pub fn read(body: &[u8]) -> Result<Self, BodyError> {
        let document = xml::parse(xml::text(body)?, "presence")?;
        let root = document.root_element();
        let mut read = Self {
            entity: xml::attribute(root, "entity").unwrap_or_default(),
            open: None,
            activities: Vec::new(),
            note: None,
        };
        let persons = xml::children(root, "person");
        let tuples = xml::children(root, "tuple");
        for part in persons.chain(tuples) {
            read.part(part);
        }
        read.note = read.note.or_else(|| note_of(root));
        Ok(read)
    }

    /// Whether the activities, or a note as some exchanges write it, say that a call is up.
    pub fn is_on_the_phone(&self) -> bool {
        let says = |note: &String| note.eq_ignore_ascii_case("on the phone");
        self.activities.contains(&Activity::OnThePhone) || self.note.as_ref().is_some_and(says)
    }

    fn part(&mut self, part: Node<'_, '_>) {
        let status = xml::child(part, "status");
        let basic = status
            .and_then(|status| xml::child(status, "basic"))
            .and_then(xml::content)
            .map(|basic| basic.eq_ignore_ascii_case("open"));
        if let Some(open) = basic {
            self.open = Some(open || self.open.unwrap_or(false));
        }
        let places = [Some(part), status].into_iter().flatten();
        for activities in places.flat_map(|place| xml::children(place, "activities")) {
            for activity in activities.children().filter(Node::is_element) {
                if activity.tag_name().name() == "note" {
                    continue;
                }
                match Activity::read(activity) {
                    Some(activity) if self.activities.len() < ACTIVITIES && !self.activities.contains(&activity) => {
                        self.activities.push(activity);
                    }
                    _ => {}
                }
            }
        }
        if self.note.is_none() {
            let inside = || status.and_then(note_of);
            let beside = || xml::children(part, "activities").find_map(note_of);
            self.note = note_of(part).or_else(inside).or_else(beside);
        }
    }
}

fn note_of(node: Node<'_, '_>) -> Option<String> {
    xml::children(node, "note").find_map(xml::content)
}

fn is_do_not_disturb(text: &str) -> bool {
    let letters: String = text.chars().filter(char::is_ascii_alphabetic).collect();
    letters.eq_ignore_ascii_case("dnd") || letters.eq_ignore_ascii_case("donotdisturb")
}

/// What one's own phone tells about its owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PresenceDocument {
    /// Whether calls reach somebody.
    pub open: bool,
    /// What the owner is doing, most important first.
    pub activities: Vec<Activity>,
    /// Words of the owner; cut after 256 characters.
    pub note: Option<String>,
}

impl PresenceDocument {
    /// The document for the wire. `id` names this phone among those of its owner; letters and digits.
    pub fn write(&self, entity: &str, id: &str) -> Vec<u8> {
        let note: Option<String> = self.note.as_ref().map(|note| note.chars().take(NOTE).collect());
        let note = note.as_deref().filter(|note| !note.trim().is_empty());
        let mut out = Writer::new();
        let spaces = [
            ("xmlns", Some(PIDF)),
            ("xmlns:dm", Some(PERSON)),
            ("xmlns:rpid", Some(RPID)),
        ];
        out.open("presence", &[&spaces[..], &[("entity", Some(entity))]].concat());
        // An XML id starts with a letter.
        out.open("tuple", &[("id", Some(&format!("t{id}")))]);
        out.open("status", &[]);
        out.leaf("basic", &[], if self.open { "open" } else { "closed" });
        out.close();
        if let Some(note) = note {
            out.leaf("note", &[], note);
        }
        out.close();
        out.open("dm:person", &[("id", Some(&format!("p{id}")))]);
        if !self.activities.is_empty() {
            out.open("rpid:activities", &[]);
            for activity in self.activities.iter().take(ACTIVITIES) {
                match activity {
                    Activity::OnThePhone => out.empty("rpid:on-the-phone", &[]),
                    Activity::Busy => out.empty("rpid:busy", &[]),
                    Activity::Away => out.empty("rpid:away", &[]),
                    Activity::DoNotDisturb => out.leaf("rpid:other", &[], "dnd"),
                    Activity::Other(name) => out.leaf("rpid:other", &[], name),
                }
            }
            out.close();
        }
        if let Some(note) = note {
            out.leaf("dm:note", &[], note);
        }
        out.finish()
    }
}
