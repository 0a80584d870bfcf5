//! Looking for calls.
use crate::history::COLUMNS;
use crate::{Entry, HistoryId, Store, StoreError, fold};
use rusqlite::params_from_iter;
use rusqlite::types::Value;

/// Which entries to find.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// Part of a name or number; each word must be found. Empty finds all. No character has a special meaning.
    pub text: String,
    /// All, or missed only.
    pub filter: Filter,
    /// Only entries older than this one: the last one of the page before.
    pub before: Option<HistoryId>,
    /// At most so many, 1 to 500.
    pub limit: u32,
}

/// Which entries.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Filter {
    /// All of them.
    #[default]
    All,
    /// Missed calls only.
    Missed,
}

/// A page of history, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The entries.
    pub entries: Vec<Entry>,
    /// Older ones follow.
    pub more: bool,
}

impl Store {
    /// Finds entries, newest first.
    pub fn search(&self, query: &Query) -> Result<Page, StoreError> {
        let limit = query.limit.clamp(1, 500) as usize;
        let (sql, values) = statement(query, limit + 1);
        let mut find = self.db.prepare_cached(&sql)?;
        let rows = find.query_map(params_from_iter(values), Entry::from_row)?;
        let mut entries = rows.collect::<Result<Vec<_>, _>>()?;
        let more = entries.len() > limit;
        entries.truncate(limit);
        Ok(Page { entries, more })
    }
}

/// The statement that finds `limit` entries, and its values.
fn statement(query: &Query, limit: usize) -> (String, Vec<Value>) {
    let mut values: Vec<Value> = Vec::new();
    let mut conditions = vec!["1".to_owned()];
    let (mut tables, mut key) = ("history h", "h.id");
    if let Some(found) = text_condition(&query.text, &mut values) {
        // The narrow table is read from its end until the page is full; CROSS JOIN keeps that order.
        (tables, key) = ("history_search s CROSS JOIN history h ON h.id = s.id", "s.id");
        conditions.push(found);
    }
    if let Some(before) = query.before {
        conditions.push(format!("{key} < ?"));
        values.push(Value::Integer(i64::try_from(before.0).unwrap_or(i64::MAX)));
    }
    if query.filter == Filter::Missed {
        conditions.push("h.outcome = 'missed'".to_owned());
    }
    let conditions = conditions.join(" AND ");
    let sql = format!(
        "SELECT {COLUMNS} FROM {tables} WHERE {conditions} ORDER BY {key} DESC LIMIT {}",
        limit + 1
    );
    (sql, values)
}

/// Each word is in a name or number, or the whole text is part of a number. `instr` knows no wildcards, so nothing
/// needs escaping.
fn text_condition(text: &str, values: &mut Vec<Value>) -> Option<String> {
    let mut words = Vec::new();
    for word in text.split_whitespace().take(8) {
        let mut ways = Vec::new();
        for spelling in fold::spellings(word) {
            ways.push("instr(s.folded, ?) > 0");
            values.push(Value::Text(spelling));
        }
        if let Some(digits) = fold::wanted_digits(word) {
            ways.push("instr(s.digits, ?) > 0");
            values.push(Value::Text(digits));
        }
        words.push(format!("({})", ways.join(" OR ")));
    }
    if words.is_empty() {
        return None;
    }
    let words = words.join(" AND ");
    let Some(digits) = fold::wanted_digits(text) else {
        return Some(format!("({words})"));
    };
    values.push(Value::Text(digits));
    Some(format!("({words} OR instr(s.digits, ?) > 0)"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reading stops when the page is full only as long as nothing is sorted afterwards.
    #[test]
    fn no_search_sorts_its_finds() {
        let store = Store::open_in_memory().unwrap();
        for text in ["", "anna", "030 1234"] {
            for filter in [Filter::All, Filter::Missed] {
                for before in [None, Some(HistoryId(7))] {
                    let (sql, values) = statement(
                        &Query {
                            text: text.into(),
                            filter,
                            before,
                            limit: 5,
                        },
                        6,
                    );
                    let mut explain = store.db.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
                    let steps = explain
                        .query_map(params_from_iter(values), |row| row.get::<_, String>(3))
                        .unwrap();
                    let steps: Vec<_> = steps.map(Result::unwrap).collect();
                    assert!(
                        !steps.is_empty() && !steps.iter().any(|step| step.contains("TEMP B-TREE")),
                        "{steps:?}"
                    );
                }
            }
        }
    }
}
