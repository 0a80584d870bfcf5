//! XML, bounded on the way in and escaped on the way out.

use roxmltree::{Document, Node, ParsingOptions};

use super::BodyError;

/// Largest document in octets.
const SIZE: usize = 64 * 1024;
/// Deepest nesting of elements. No document here needs more than eight.
const DEPTH: usize = 32;
/// Most nodes: elements, texts, comments.
const NODES: u32 = 8192;
/// Longest attribute or text taken over, in characters; what is longer is cut.
const TEXT: usize = 1024;

/// The text of a body, before [`parse`].
pub(super) fn text(body: &[u8]) -> Result<&str, BodyError> {
    if body.len() > SIZE {
        return Err(BodyError::TooLarge);
    }
    std::str::from_utf8(body).map_err(|_| BodyError::NotUtf8)
}

/// The document, whose root element must have this local name.
pub(super) fn parse<'a>(text: &'a str, root: &str) -> Result<Document<'a>, BodyError> {
    if is_deep(text) {
        return Err(BodyError::TooLarge);
    }
    let options = ParsingOptions {
        allow_dtd: false,
        nodes_limit: NODES,
        ..ParsingOptions::default()
    };
    let document = Document::parse_with_options(text, options).map_err(|error| match error {
        roxmltree::Error::NodesLimitReached => BodyError::TooLarge,
        _ => BodyError::Malformed,
    })?;
    if document.root_element().tag_name().name() == root {
        Ok(document)
    } else {
        Err(BodyError::NotThis)
    }
}

/// Whether elements nest deeper than allowed, before anything is built from them. Counts too much rather than too little
/// where the text is not well formed.
fn is_deep(text: &str) -> bool {
    let mut depth: usize = 0;
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        let tag = rest.get(at + 1..).unwrap_or_default();
        let end = if tag.starts_with("!--") {
            tag.find("-->").map(|at| at + 3)
        } else if tag.starts_with("![CDATA[") {
            tag.find("]]>").map(|at| at + 3)
        } else {
            let end = tag.find('>');
            let inside = end.and_then(|end| tag.get(..end)).unwrap_or(tag);
            if inside.starts_with('/') {
                depth = depth.saturating_sub(1);
            } else if !inside.starts_with(['!', '?']) && !inside.ends_with('/') {
                depth += 1;
            }
            end.map(|at| at + 1)
        };
        if depth > DEPTH {
            return true;
        }
        match end.and_then(|end| tag.get(end..)) {
            Some(next) => rest = next,
            None => break,
        }
    }
    false
}

/// The child elements with this local name, whatever their namespace: devices get namespaces wrong.
pub(super) fn children<'a, 'i>(node: Node<'a, 'i>, name: &str) -> impl Iterator<Item = Node<'a, 'i>> {
    node.children()
        .filter(move |child| child.is_element() && child.tag_name().name() == name)
}

/// The first of them.
pub(super) fn child<'a, 'i>(node: Node<'a, 'i>, name: &str) -> Option<Node<'a, 'i>> {
    children(node, name).next()
}

/// The text inside, trimmed and cut; `None` when there is none.
pub(super) fn content(node: Node<'_, '_>) -> Option<String> {
    tidy(node.text()?)
}

/// An attribute, trimmed and cut; `None` when it is missing or empty.
pub(super) fn attribute(node: Node<'_, '_>, name: &str) -> Option<String> {
    tidy(node.attribute(name)?)
}

fn tidy(text: &str) -> Option<String> {
    let text: String = text
        .trim()
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(TEXT)
        .collect();
    (!text.is_empty()).then_some(text)
}

/// Writes elements; what is opened is closed, and no text becomes markup.
pub(super) struct Writer {
    out: String,
    open: Vec<&'static str>,
}

impl Writer {
    pub(super) fn new() -> Self {
        Self {
            out: "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned(),
            open: Vec::new(),
        }
    }

    /// `<name attribute="…">`; attributes without a value are left out.
    pub(super) fn open(&mut self, name: &'static str, attributes: &[(&str, Option<&str>)]) {
        self.start(name, attributes);
        self.out.push('>');
        self.open.push(name);
    }

    /// `<name attribute="…"/>`.
    pub(super) fn empty(&mut self, name: &'static str, attributes: &[(&str, Option<&str>)]) {
        self.start(name, attributes);
        self.out.push_str("/>");
    }

    /// `<name attribute="…">text</name>`.
    pub(super) fn leaf(&mut self, name: &'static str, attributes: &[(&str, Option<&str>)], text: &str) {
        self.open(name, attributes);
        escape(&mut self.out, text);
        self.close();
    }

    /// `</name>` of what was opened last.
    pub(super) fn close(&mut self) {
        if let Some(name) = self.open.pop() {
            self.out.push_str("</");
            self.out.push_str(name);
            self.out.push('>');
        }
    }

    pub(super) fn finish(mut self) -> Vec<u8> {
        while !self.open.is_empty() {
            self.close();
        }
        self.out.push('\n');
        self.out.into_bytes()
    }

    fn start(&mut self, name: &str, attributes: &[(&str, Option<&str>)]) {
        self.out.push('<');
        self.out.push_str(name);
        for (name, value) in attributes {
            if let Some(value) = value {
                self.out.push(' ');
                self.out.push_str(name);
                self.out.push_str("=\"");
                escape(&mut self.out, value);
                self.out.push('"');
            }
        }
    }
}

/// Characters XML 1.0 cannot hold (section 2.2) become spaces.
fn escape(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push(' '),
            c => out.push(c),
        }
    }
}
