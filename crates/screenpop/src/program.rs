//! A program and its arguments, for both styles of paths, on every platform.
//!
//! Where the path ends is decided from the text alone as far as that goes: a quoted path ends at its quote, one of
//! Windows after the first `.exe` or `.com`. An unquoted path with spaces of the other systems has several readings; whoever
//! may look at the disk picks the longest that exists ([`crate::Filled::resolve`]). A word that begins with `-` is an
//! argument in every reading; a path with such a word is written in quotes.
use crate::arguments::{self, Argument};
use crate::error::Place;
use crate::filled::{self, Piece};
use crate::lex::Part;
use crate::{Facts, FillError, TemplateError, Unknown};

/// A program with arguments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Program {
    /// All readings, the longest path first; at least one.
    readings: Vec<Reading>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Reading {
    path: String,
    arguments: Vec<Argument>,
}

/// How a path is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    /// `C:\…` or `\\server\share\…`.
    Windows,
    /// `/…`
    Posix,
}

impl Style {
    /// The style of an absolute path, without a leading quote.
    pub(crate) fn of(path: &str) -> Option<Self> {
        let drive = path.as_bytes();
        let drive = matches!(drive, [letter, b':', b'\\' | b'/', ..] if letter.is_ascii_alphabetic());
        // `\\?\` and `\\.\` name devices, and `//` is read as a share, a path or a web address.
        let share = path
            .strip_prefix("\\\\")
            .is_some_and(|share| share.starts_with(|c: char| c.is_alphanumeric()));
        match path {
            _ if drive || share => Some(Self::Windows),
            _ if path.starts_with('/') && !path.starts_with("//") => Some(Self::Posix),
            _ => None,
        }
    }
}

/// Programs that read their arguments as commands. A guard against the usual mistake, not a complete list.
const SHELLS: [&str; 24] = [
    "ash",
    "bash",
    "busybox",
    "cmd",
    "command",
    "csh",
    "cscript",
    "dash",
    "env",
    "fish",
    "ksh",
    "mksh",
    "mshta",
    "osascript",
    "powershell",
    "pwsh",
    "rundll32",
    "sh",
    "su",
    "sudo",
    "tcsh",
    "wscript",
    "xargs",
    "zsh",
];

impl Program {
    /// Reads a template that begins with an absolute path, in quotes or not.
    pub(crate) fn parse(parts: &[Part]) -> Result<Self, TemplateError> {
        let Some((Part::Text(first), others)) = parts.split_first() else {
            return Err(TemplateError::RelativePath);
        };
        let ends = match first.strip_prefix('"') {
            Some(inner) => vec![quoted(inner, others)?],
            None => unquoted(first, others)?,
        };
        let mut readings = Vec::with_capacity(ends.len());
        for (path, after) in ends.into_iter().rev() {
            check_shell(path)?;
            let mut rest = vec![Part::Text(after.to_owned())];
            rest.extend_from_slice(others);
            readings.push(Reading {
                path: path.to_owned(),
                arguments: arguments::split(&rest)?,
            });
        }
        Ok(Self { readings })
    }

    /// All readings for one call, the longest path first, and the pieces to show.
    pub(crate) fn fill(
        &self,
        facts: &Facts,
        unknown: &mut Vec<Unknown>,
    ) -> Result<(Vec<filled::Reading>, Vec<Piece>), FillError> {
        let mut filled = Vec::with_capacity(self.readings.len());
        let mut pieces = Vec::new();
        for reading in &self.readings {
            unknown.clear();
            pieces = vec![Piece::text(quote(&reading.path))];
            let mut arguments = Vec::with_capacity(reading.arguments.len());
            for argument in &reading.arguments {
                let parts = argument.fill(facts, unknown)?;
                let whole: String = parts.iter().map(|piece| piece.text.as_str()).collect();
                let mark = if whole.is_empty() || whole.contains(' ') {
                    "\""
                } else {
                    ""
                };
                pieces.push(Piece::text(format!(" {mark}")));
                pieces.extend(parts);
                pieces.push(Piece::text(mark.to_owned()));
                arguments.push(whole);
            }
            filled.push((reading.path.clone(), arguments));
        }
        pieces.retain(|piece| !piece.text.is_empty());
        Ok((filled, pieces))
    }
}

/// A quoted path and what follows it.
fn quoted<'a>(inner: &'a str, others: &[Part]) -> Result<(&'a str, &'a str), TemplateError> {
    let Some((path, after)) = inner.split_once('"') else {
        return Err(in_path(others).unwrap_or(TemplateError::Quote));
    };
    let style = Style::of(path).ok_or(TemplateError::RelativePath)?;
    if style == Style::Windows {
        if is_batch(path) {
            return Err(TemplateError::BatchFile);
        }
        if !is_executable(path) {
            return Err(TemplateError::NoExecutable);
        }
    }
    let separated = after.starts_with(' ') || (after.is_empty() && others.is_empty());
    if separated {
        Ok((path, after))
    } else {
        Err(TemplateError::Quote)
    }
}

/// All readings of an unquoted path with what follows each, the shortest path first.
fn unquoted<'a>(first: &'a str, others: &[Part]) -> Result<Vec<(&'a str, &'a str)>, TemplateError> {
    let style = Style::of(first).ok_or(TemplateError::RelativePath)?;
    let readings: Vec<_> = match style {
        Style::Posix => word_ends(first, others.is_empty(), true),
        Style::Windows => {
            let ends = word_ends(first, others.is_empty(), false);
            match ends.into_iter().find(|(path, _)| is_executable(path) || is_batch(path)) {
                Some((path, _)) if is_batch(path) => return Err(TemplateError::BatchFile),
                found => found.into_iter().collect(),
            }
        }
    };
    if !readings.is_empty() {
        return Ok(readings);
    }
    let names_program = |part: &Part| matches!(part, Part::Text(text) if text.to_ascii_lowercase().contains(".exe"));
    match in_path(others) {
        Some(refused) if style == Style::Posix || others.iter().any(names_program) => Err(refused),
        _ if style == Style::Posix => Err(TemplateError::Quote),
        _ => Err(TemplateError::NoExecutable),
    }
}

/// Where words end in `text`, up to its first quote or, if a dash ends the path, the first word that begins with `-`.
/// The last word counts only when nothing is glued to it.
fn word_ends(text: &str, at_end: bool, dash_ends: bool) -> Vec<(&str, &str)> {
    let head = text.split('"').next().unwrap_or(text);
    let mut ends = Vec::new();
    let mut in_word = true;
    for (at, c) in head.char_indices() {
        if c == ' ' && in_word {
            ends.push(text.split_at(at));
        }
        if c == '-' && !in_word && dash_ends {
            return ends;
        }
        in_word = c != ' ';
    }
    if in_word && at_end && head.len() == text.len() {
        ends.push((text, ""));
    }
    ends
}

fn is_executable(path: &str) -> bool {
    ends_with(path, ".exe") || ends_with(path, ".com")
}

fn is_batch(path: &str) -> bool {
    ends_with(path, ".bat") || ends_with(path, ".cmd")
}

fn ends_with(path: &str, ending: &str) -> bool {
    path.len()
        .checked_sub(ending.len())
        .and_then(|at| path.get(at..))
        .is_some_and(|end| end.eq_ignore_ascii_case(ending))
}

fn check_shell(path: &str) -> Result<(), TemplateError> {
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path).to_ascii_lowercase();
    let stem = name
        .strip_suffix(".exe")
        .or_else(|| name.strip_suffix(".com"))
        .unwrap_or(&name);
    if SHELLS.contains(&stem) {
        Err(TemplateError::Shell(stem.to_owned()))
    } else {
        Ok(())
    }
}

fn in_path(parts: &[Part]) -> Option<TemplateError> {
    parts.iter().find_map(|part| match part {
        Part::Variable(variable) => Some(TemplateError::VariableInAddress {
            variable: variable.written(),
            place: Place::Program,
        }),
        Part::Text(_) => None,
    })
}

/// A path as people read it in a line with arguments.
fn quote(path: &str) -> String {
    if path.contains(' ') {
        format!("\"{path}\"")
    } else {
        path.to_owned()
    }
}
