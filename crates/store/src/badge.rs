//! The two letters and the colour an account is recognised by.
use crate::{Account, AccountData};

/// Two letters for an account beside `others`: initials, else letters of its name, else a letter and a digit.
pub(crate) fn tag(data: &AccountData, others: &[Account]) -> String {
    let source = [&data.name, &data.user, &data.domain]
        .into_iter()
        .find(|text| text.chars().any(char::is_alphanumeric));
    let words: Vec<Vec<char>> = source
        .map_or("Line", String::as_str)
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(|word| word.chars().map(upper).collect())
        .collect();
    let letters: Vec<char> = words.iter().flatten().copied().collect();
    let first = letters.first().copied().unwrap_or('L');
    let initial = words.get(1).and_then(|word| word.first()).copied();
    let seconds = initial
        .into_iter()
        .chain(letters.iter().skip(1).copied())
        .chain('1'..='9');
    let mut tags = seconds.map(|second| format!("{first}{second}"));
    let usual = tags.next().unwrap_or_else(|| format!("{first}1"));
    let taken = |tag: &String| others.iter().any(|other| other.tag == *tag);
    if taken(&usual) {
        tags.find(|tag| !taken(tag)).unwrap_or(usual)
    } else {
        usual
    }
}

/// The least used colour of 1 to 4, the smaller one first.
pub(crate) fn colour(others: &[Account]) -> u8 {
    let used = |colour: &u8| others.iter().filter(|other| other.colour == *colour).count();
    (1..=4).min_by_key(used).unwrap_or(1)
}

/// One letter stays one letter: the capital of `ß` would be two.
fn upper(c: char) -> char {
    let mut upper = c.to_uppercase();
    match (upper.next(), upper.next()) {
        (Some(one), None) => one,
        _ => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::AccountId;

    fn named(name: &str) -> AccountData {
        AccountData {
            name: name.into(),
            user: "204".into(),
            ..AccountData::default()
        }
    }

    fn with(tag: &str, colour: u8) -> Account {
        Account {
            id: AccountId(1),
            data: named(""),
            tag: tag.into(),
            colour,
            chosen: false,
        }
    }

    #[test]
    fn a_tag_is_two_letters_of_the_name() {
        for (name, expected) in [
            ("Sales", "SA"),
            ("Sales Team", "ST"),
            ("über uns", "ÜU"),
            ("7up", "7U"),
            ("X", "X1"),
            ("  ", "20"),
        ] {
            assert_eq!(tag(&named(name), &[]), expected, "{name}");
        }
    }

    #[test]
    fn no_two_accounts_have_the_same_tag_while_there_is_a_choice() {
        assert_eq!(tag(&named("Sales"), &[with("SA", 1)]), "SL");
        assert_eq!(tag(&named("S"), &[with("S1", 1)]), "S2");
    }

    #[test]
    fn the_least_used_colour_is_given() {
        assert_eq!(colour(&[]), 1);
        assert_eq!(colour(&[with("A", 1), with("B", 2), with("C", 4)]), 3);
        assert_eq!(
            colour(&[with("A", 1), with("B", 2), with("C", 3), with("D", 4), with("E", 1)]),
            2
        );
    }
}
