//! What is known about a call when it pops.
use crate::{clean, header};
use std::collections::BTreeMap;
use std::fmt;

/// What is known about a call. Values are taken as they came: cleaning and encoding happen when a template is filled.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// `$caller$`: the caller's number; empty when withheld.
    pub caller: String,
    /// `$caller_name$`: display name or contact; empty when unknown.
    pub caller_name: String,
    /// `$number$`: the extension reached.
    pub number: String,
    /// `$called$`: the number first dialled. Empty means the same as `number`.
    pub called: String,
    /// All headers of the invitation, in order: name and unfolded value.
    pub headers: Vec<(String, String)>,
    /// The user's own parameters. Their values are secrets to previews and logs.
    pub custom: BTreeMap<String, String>,
}

/// Where a value comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// The call.
    Call,
    /// A header of the invitation.
    Header,
    /// The user's own parameters.
    Custom,
}

/// A variable and its value in a call, for the call panel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VariableRow {
    /// As written in a template: `$caller$`, `[sip.X-Ticket]`, `$key$`.
    pub name: String,
    /// Where the value comes from.
    pub source: Source,
    /// The value, cleaned, not encoded; [`crate::MASK`] for one of the user's own.
    pub value: String,
    /// The value is masked.
    pub secret: bool,
}

/// Names of the built-in variables, in the order to show them.
pub(crate) const BUILT_IN: [&str; 4] = ["caller", "caller_name", "number", "called"];

impl Facts {
    /// A made-up call for previews.
    #[must_use]
    pub fn sample() -> Self {
        Self {
            caller: "+441632960123".to_owned(),
            caller_name: "Zoë Baker".to_owned(),
            number: "204".to_owned(),
            called: "+441632960000".to_owned(),
            headers: vec![
                ("X-Subject".to_owned(), "Delivery & returns".to_owned()),
                ("X-Ticket".to_owned(), "4711".to_owned()),
            ],
            custom: BTreeMap::new(),
        }
    }

    /// The value of a built-in variable, cleaned.
    pub(crate) fn built_in(&self, name: &str) -> Option<String> {
        let raw = match name {
            "caller" => &self.caller,
            "caller_name" => &self.caller_name,
            "number" => &self.number,
            "called" if self.called.is_empty() => &self.number,
            "called" => &self.called,
            _ => return None,
        };
        Some(clean::short(raw))
    }

    /// The first header of that name, cleaned; empty when absent or not allowed.
    pub(crate) fn header(&self, name: &str) -> String {
        if header::header_allowed(name).is_err() {
            return String::new();
        }
        let found = self.headers.iter().find(|(n, _)| header::same_header(n, name));
        found.map_or_else(String::new, |(_, value)| clean::long(value))
    }

    /// One of the user's own parameters, cleaned.
    pub(crate) fn custom(&self, name: &str) -> Option<String> {
        self.custom.get(name).map(|value| clean::long(value))
    }
}

/// Values are personal data, and some are secrets: only the names are shown.
impl fmt::Debug for Facts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Facts")
            .field(
                "headers",
                &self.headers.iter().map(|(name, _)| name).collect::<Vec<_>>(),
            )
            .field("custom", &self.custom.keys().collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}

/// The variables a template could use in this call, in the order to show them: the call's, its headers (the first of
/// each name), the user's own.
#[must_use]
pub fn variables(facts: &Facts) -> Vec<VariableRow> {
    let mut rows = Vec::new();
    for name in BUILT_IN {
        let value = facts.built_in(name).unwrap_or_default();
        rows.push(VariableRow {
            name: format!("${name}$"),
            source: Source::Call,
            value,
            secret: false,
        });
    }
    let mut seen: Vec<&str> = Vec::new();
    for (name, _) in &facts.headers {
        if header::header_allowed(name).is_err() || seen.iter().any(|other| header::same_header(other, name)) {
            continue;
        }
        seen.push(name);
        let value = facts.header(name);
        rows.push(VariableRow {
            name: format!("[sip.{name}]"),
            source: Source::Header,
            value,
            secret: false,
        });
    }
    for (name, value) in &facts.custom {
        if crate::custom_name_allowed(name).is_ok() {
            let value = if value.is_empty() { "" } else { crate::MASK };
            rows.push(VariableRow {
                name: format!("${name}$"),
                source: Source::Custom,
                value: value.to_owned(),
                secret: true,
            });
        }
    }
    rows
}
