//! The value of a variable in a call, or the nearest variable that exists.
use crate::facts::{BUILT_IN, Source};
use crate::lex::Variable;
use crate::{Facts, Unknown, custom_name_allowed};

/// What a variable becomes.
pub(crate) enum Value {
    /// Its cleaned value; may be empty.
    Known(String, Source),
    /// Nobody knows it: empty, and reported.
    Unknown(Unknown),
}

/// Looks a variable up. Built-in names win over the user's own.
pub(crate) fn of(variable: &Variable, facts: &Facts) -> Value {
    let name = match variable {
        Variable::Header(name) => return Value::Known(facts.header(name), Source::Header),
        Variable::Foreign(written) => {
            return Value::Unknown(Unknown {
                name: written.clone(),
                suggestion: None,
            });
        }
        Variable::Named(name) => name,
    };
    if let Some(value) = facts.built_in(name) {
        return Value::Known(value, Source::Call);
    }
    if custom_name_allowed(name).is_ok()
        && let Some(value) = facts.custom(name)
    {
        return Value::Known(value, Source::Custom);
    }
    let suggestion = nearest(name, facts).map(|near| format!("${near}$"));
    Value::Unknown(Unknown {
        name: variable.written(),
        suggestion,
    })
}

/// Words that other telephone systems use for ours.
const OTHER_WORDS: [(&str, &str); 16] = [
    ("ani", "caller"),
    ("caller_number", "caller"),
    ("callerid", "caller"),
    ("from", "caller"),
    ("phone", "caller"),
    ("callerid_name", "caller_name"),
    ("cnam", "caller_name"),
    ("name", "caller_name"),
    ("dnis", "number"),
    ("ext", "number"),
    ("extension", "number"),
    ("to", "number"),
    ("called_number", "called"),
    ("did", "called"),
    ("diversion", "called"),
    ("original", "called"),
];

/// The known name a person probably meant.
fn nearest(name: &str, facts: &Facts) -> Option<String> {
    // `$caller|e164$` is closest to `$caller$`.
    let name = name.split('|').next().unwrap_or(name).to_ascii_lowercase();
    if let Some((_, ours)) = OTHER_WORDS.iter().find(|(theirs, _)| *theirs == name) {
        return Some((*ours).to_owned());
    }
    let known = BUILT_IN.into_iter().chain(facts.custom.keys().map(String::as_str));
    let (apart, near) = known
        .map(|k| (distance(&name, &k.to_ascii_lowercase()), k))
        .min_by_key(|(apart, _)| *apart)?;
    let tolerated = (name.len() / 3).clamp(usize::from(name.len() > 1), 3);
    (apart <= tolerated).then(|| near.to_owned())
}

/// How many letters have to be added, left out, changed or swapped with their neighbour.
fn distance(one: &str, other: &str) -> usize {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, b) in other.iter().enumerate() {
            let at = |row: &[usize], j: usize| row.get(j).copied().unwrap_or(usize::MAX / 2);
            let mut least = (at(&last, j) + usize::from(a != b))
                .min(at(&last, j + 1) + 1)
                .min(at(&row, j) + 1);
            let swapped = i > 0 && j > 0 && one.get(i - 1) == Some(b) && other.get(j - 1) == Some(a);
            if swapped {
                least = least.min(at(&before_last, j - 1) + 1);
            }
            row.push(least);
        }
        before_last = std::mem::replace(&mut last, row);
    }
    last.last().copied().unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn suggestion(name: &str) -> Option<String> {
        let mut facts = Facts::default();
        facts.custom.insert("crm_key".into(), "1".into());
        match of(&Variable::Named(name.into()), &facts) {
            Value::Unknown(unknown) => unknown.suggestion,
            Value::Known(..) => panic!("{name} is known"),
        }
    }

    #[test]
    fn the_nearest_known_variable_is_suggested() {
        assert_eq!(suggestion("caler").as_deref(), Some("$caller$"));
        assert_eq!(suggestion("Caller").as_deref(), Some("$caller$"));
        assert_eq!(suggestion("clalled").as_deref(), Some("$called$"));
        assert_eq!(suggestion("callername").as_deref(), Some("$caller_name$"));
        assert_eq!(suggestion("caller|e164").as_deref(), Some("$caller$"));
        assert_eq!(suggestion("crmkey").as_deref(), Some("$crm_key$"));
        assert_eq!(suggestion("extension").as_deref(), Some("$number$"));
    }

    #[test]
    fn nothing_is_suggested_when_nothing_is_near() {
        for name in ["x", "weather", "zzzzzz"] {
            assert_eq!(suggestion(name), None, "{name}");
        }
    }

    #[test]
    fn built_in_names_win_over_the_users_own() {
        let mut facts = Facts {
            caller: "030".into(),
            ..Facts::default()
        };
        facts.custom.insert("caller".into(), "mine".into());
        let Value::Known(value, source) = of(&Variable::Named("caller".into()), &facts) else {
            panic!()
        };
        assert_eq!((value.as_str(), source), ("030", Source::Call));
    }
}
