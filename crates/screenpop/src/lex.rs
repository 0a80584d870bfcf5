//! Text and variables of a template. The only place that knows how a variable is written.
use crate::{TemplateError, header};

/// A piece of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Part {
    /// Stands for itself.
    Text(String),
    /// Is replaced by a value.
    Variable(Variable),
}

/// A variable as written, not yet known to exist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Variable {
    /// `$name$`; the name may hold modifiers after `|`, which nobody knows yet.
    Named(String),
    /// Something newer than this program, as written: `[sip.X-Ticket|digits]`.
    Foreign(String),
    /// `[sip.Header-Name]`, allowed by [`header::header_allowed`].
    Header(String),
}

impl Variable {
    /// As written in the template.
    pub(crate) fn written(&self) -> String {
        match self {
            Self::Named(name) => format!("${name}$"),
            Self::Foreign(written) => written.clone(),
            Self::Header(name) => format!("[sip.{name}]"),
        }
    }
}

/// Splits a template. Neighbouring text is one part, and no text is empty.
pub(crate) fn parts(template: &str) -> Result<Vec<Part>, TemplateError> {
    let mut parts = Vec::new();
    let mut text = String::new();
    let mut rest = template;
    while let Some(c) = rest.chars().next() {
        let (variable, length) = match c {
            '$' => named(rest),
            '[' => header(rest)?,
            _ => None,
        }
        .map_or((None, c.len_utf8()), |(variable, length)| (Some(variable), length));
        let (taken, after) = rest.split_at(length);
        match variable {
            Some(variable) => {
                if !text.is_empty() {
                    parts.push(Part::Text(std::mem::take(&mut text)));
                }
                parts.push(Part::Variable(variable));
            }
            None => text.push_str(taken),
        }
        rest = after;
    }
    if !text.is_empty() {
        parts.push(Part::Text(text));
    }
    Ok(parts)
}

/// `$name$` at the beginning of `rest`, and its length.
fn named(rest: &str) -> Option<(Variable, usize)> {
    let (name, _) = rest.strip_prefix('$')?.split_once('$')?;
    let well_formed = name.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '|'));
    well_formed.then(|| (Variable::Named(name.to_owned()), name.len() + 2))
}

/// `[sip.Name]` at the beginning of `rest`, and its length. Other brackets are text; this one, once begun, must be right.
fn header(rest: &str) -> Result<Option<(Variable, usize)>, TemplateError> {
    const OPEN: usize = "[sip.".len();
    if !rest.get(..OPEN).is_some_and(|open| open.eq_ignore_ascii_case("[sip.")) {
        return Ok(None);
    }
    let inner = rest.get(OPEN..).unwrap_or_default();
    let Some((name, _)) = inner.split_once(']') else {
        return Err(TemplateError::BadHeader(rest.chars().take(40).collect()));
    };
    let length = OPEN + name.len() + 1;
    if let Some((base, _modifiers)) = name.split_once('|') {
        header::header_allowed(base)?;
        return Ok(Some((Variable::Foreign(format!("[sip.{name}]")), length)));
    }
    match header::header_allowed(name) {
        Ok(()) => Ok(Some((Variable::Header(name.to_owned()), length))),
        Err(header::HeaderRefused::NotAName(_)) => Err(TemplateError::BadHeader(
            rest.get(..length).unwrap_or(rest).chars().take(40).collect(),
        )),
        Err(refused) => Err(refused.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(template: &str) -> String {
        let show = |part: &Part| match part {
            Part::Text(text) => format!("'{text}'"),
            Part::Variable(variable) => format!("<{}>", variable.written()),
        };
        parts(template).unwrap().iter().map(show).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn variables_and_text_alternate() {
        assert_eq!(shown("a$caller$b[sip.X-A]c"), "'a' <$caller$> 'b' <[sip.X-A]> 'c'");
        assert_eq!(shown("$caller$$number$"), "<$caller$> <$number$>");
    }

    #[test]
    fn a_lone_dollar_or_bracket_stands_for_itself() {
        assert_eq!(shown("$"), "'$'");
        assert_eq!(shown("$$"), "'$$'");
        assert_eq!(shown("5$ and $caller$"), "'5$ and ' <$caller$>");
        assert_eq!(shown("$a b$caller$"), "'$a b' <$caller$>");
        assert_eq!(shown("[::1] [x] ["), "'[::1] [x] ['");
    }

    #[test]
    fn a_modifier_is_part_of_the_name_for_now() {
        assert_eq!(shown("$caller|e164$"), "<$caller|e164$>");
        assert_eq!(shown("[sip.X-A|digits]"), "<[sip.X-A|digits]>");
    }

    #[test]
    fn headers_are_found_in_any_case_and_checked() {
        assert_eq!(shown("[SIP.x-ticket]"), "<[sip.x-ticket]>");
        assert!(matches!(parts("[sip.from]"), Err(TemplateError::Header(_))));
        assert!(matches!(parts("[sip.from|x]"), Err(TemplateError::Header(_))));
        for wrong in ["[sip.]", "[sip.X", "[sip.X Y]"] {
            assert_eq!(parts(wrong), Err(TemplateError::BadHeader(wrong.into())));
        }
    }
}
