//! The value of `Replaces` (RFC 3891): the dialog that a new INVITE takes over.

use std::fmt;

use crate::parse::tokens::{is_token, split_outside, trim};
use crate::{Params, limits, print};

/// A dialog to be taken over, by the names the one who is asked to give it up knows it by (RFC 3891 section 6.1).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ReplacesTarget {
    /// Call-ID of the dialog.
    pub call_id: String,
    /// The tag of whom the INVITE goes to: their local tag.
    pub to_tag: String,
    /// The tag of the other end of that dialog: their remote tag.
    pub from_tag: String,
    /// Only while the dialog is early: somebody who answered keeps the call (section 6.1, `early-only`).
    pub early_only: bool,
}

impl ReplacesTarget {
    /// Reads one value. `None` without both tags, or with either of them twice.
    pub fn parse(text: &str) -> Option<ReplacesTarget> {
        let mut pieces = split_outside(text, ';').into_iter().take(limits::PARAMS);
        let call_id = trim(pieces.next()?);
        let plain = |c: char| c.is_ascii_graphic() && !matches!(c, ',' | ';');
        if call_id.is_empty() || !call_id.chars().all(plain) {
            return None;
        }
        let rest: Vec<_> = pieces.map(|piece| format!(";{piece}")).collect();
        let params = Params::parse(&rest.concat())?;
        let once = |name: &str| {
            params
                .iter()
                .filter(|param| param.name.eq_ignore_ascii_case(name))
                .count()
                == 1
        };
        if !once("to-tag") || !once("from-tag") {
            return None;
        }
        Some(ReplacesTarget {
            call_id: call_id.to_owned(),
            to_tag: params.get("to-tag")?.to_owned(),
            from_tag: params.get("from-tag")?.to_owned(),
            early_only: params.has("early-only"),
        })
    }

    /// Whether it can be written into a header field as it is.
    pub(crate) fn is_sendable(&self) -> bool {
        Self::parse(&self.to_string()).as_ref() == Some(self) && is_token(&self.to_tag) && is_token(&self.from_tag)
    }
}

impl fmt::Display for ReplacesTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        print::text(f, &self.call_id)?;
        f.write_str(";to-tag=")?;
        print::token(f, &self.to_tag)?;
        f.write_str(";from-tag=")?;
        print::token(f, &self.from_tag)?;
        if self.early_only {
            f.write_str(";early-only")?;
        }
        Ok(())
    }
}
