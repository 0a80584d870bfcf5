//! When a pop opens, and what rules may name.
use std::fmt;

/// When a screen pop opens.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Mode {
    /// As soon as a call comes in.
    OnIncoming,
    /// Once the call is answered on this app.
    AfterAnswer,
    /// Only by hand.
    Manual,
    /// Never, not even by hand.
    #[default]
    Disabled,
}

/// What an administrator allows beyond http and https.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Policy {
    /// URL schemes, without the colon and in any case: `crm`, `callto`. Those that [`scheme_allowed`] refuses are
    /// ignored even when listed here.
    pub allowed_schemes: Vec<String>,
}

impl Policy {
    /// Whether a web target may begin with `scheme`.
    #[must_use]
    pub fn permits(&self, scheme: &str) -> bool {
        let scheme = scheme.to_ascii_lowercase();
        matches!(scheme.as_str(), "http" | "https")
            || (scheme_allowed(&scheme).is_ok() && self.allowed_schemes.iter().any(|listed| bare(listed) == scheme))
    }
}

/// Why a scheme can never be allowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SchemeRefused {
    /// It is not a URL scheme (RFC 3986 section 3.1).
    NotAScheme,
    /// It runs code, reads files or opens the system's own tools.
    Dangerous(String),
}

/// Whether `scheme` may be listed in [`Policy::allowed_schemes`]; settings check each entry with it.
pub fn scheme_allowed(scheme: &str) -> Result<(), SchemeRefused> {
    let scheme = bare(scheme);
    let mut letters = scheme.chars();
    let well_formed = scheme.len() > 1
        && letters.next().is_some_and(|c| c.is_ascii_alphabetic())
        && letters.all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'));
    if !well_formed {
        return Err(SchemeRefused::NotAScheme);
    }
    if DANGEROUS.contains(&scheme.as_str()) {
        return Err(SchemeRefused::Dangerous(scheme));
    }
    Ok(())
}

/// Schemes that turn a value into code, a file or a system tool.
const DANGEROUS: [&str; 16] = [
    "about",
    "blob",
    "data",
    "file",
    "filesystem",
    "jar",
    "javascript",
    "mhtml",
    "ms-its",
    "ms-msdt",
    "res",
    "search",
    "search-ms",
    "shell",
    "vbscript",
    "view-source",
];

/// People write `crm`, `CRM:` and `crm://` for the same scheme.
fn bare(scheme: &str) -> String {
    scheme
        .trim()
        .trim_end_matches('/')
        .trim_end_matches(':')
        .to_ascii_lowercase()
}

impl fmt::Display for SchemeRefused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAScheme => f.write_str("That is not a scheme. Write the part before the colon, like “crm”."),
            Self::Dangerous(scheme) => {
                write!(
                    f,
                    "“{scheme}:” can run code or open files, so a screen pop never uses it."
                )
            }
        }
    }
}

impl std::error::Error for SchemeRefused {}

/// Why a custom parameter cannot have a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameRefused {
    /// It is empty.
    Empty,
    /// Something else than letters of ASCII, digits and `_`.
    Character(char),
    /// A built-in variable has that name and would win.
    BuiltIn,
}

/// Whether a custom parameter may be called `name` (`[A-Za-z0-9_]+`, not a built-in name).
pub fn custom_name_allowed(name: &str) -> Result<(), NameRefused> {
    if name.is_empty() {
        return Err(NameRefused::Empty);
    }
    if let Some(odd) = name.chars().find(|c| !c.is_ascii_alphanumeric() && *c != '_') {
        return Err(NameRefused::Character(odd));
    }
    if crate::facts::BUILT_IN.contains(&name) {
        return Err(NameRefused::BuiltIn);
    }
    Ok(())
}

impl fmt::Display for NameRefused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("A parameter needs a name."),
            Self::Character(odd) => {
                write!(
                    f,
                    "“{odd}” cannot be in the name of a parameter. Use the letters A to Z, digits and “_”."
                )
            }
            Self::BuiltIn => f.write_str("A variable of the call has this name already. Choose another one."),
        }
    }
}

impl std::error::Error for NameRefused {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn http_and_https_are_always_permitted_and_others_only_when_listed() {
        let policy = Policy {
            allowed_schemes: vec!["CRM://".into()],
        };
        assert!(policy.permits("HTTPS") && policy.permits("http") && policy.permits("crm"));
        assert!(!policy.permits("tel"));
    }

    #[test]
    fn schemes_that_run_code_are_not_permitted_even_when_listed() {
        for scheme in ["javascript", "JavaScript:", "data", "file", "vbscript", "search-ms"] {
            let policy = Policy {
                allowed_schemes: vec![scheme.into()],
            };
            assert!(!policy.permits(&bare(scheme)), "{scheme}");
            assert!(
                matches!(scheme_allowed(scheme), Err(SchemeRefused::Dangerous(_))),
                "{scheme}"
            );
        }
    }

    #[test]
    fn what_is_no_scheme_cannot_be_listed() {
        for scheme in ["", "c", "1crm", "my crm", "crm/x"] {
            assert_eq!(scheme_allowed(scheme), Err(SchemeRefused::NotAScheme), "{scheme}");
        }
    }

    #[test]
    fn names_of_parameters_are_letters_digits_and_underscores_and_not_built_in() {
        assert_eq!(custom_name_allowed("crm_key2"), Ok(()));
        assert_eq!(custom_name_allowed(""), Err(NameRefused::Empty));
        assert_eq!(custom_name_allowed("a-b"), Err(NameRefused::Character('-')));
        assert_eq!(custom_name_allowed("called"), Err(NameRefused::BuiltIn));
    }
}
