//! Why a template is refused when it is saved, and why it cannot be filled.
use crate::header::HeaderRefused;
use std::fmt;

/// Why a template is refused. The text of each says what to do instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TemplateError {
    /// Nothing is written.
    Empty,
    /// More than 4096 bytes.
    TooLong,
    /// A line break or another control character is in it.
    ControlCharacter,
    /// Neither a scheme nor an absolute path, but it looks like a web address.
    NoScheme,
    /// A path that does not begin at a drive, a share or `/`.
    RelativePath,
    /// The scheme is not http, https or one of [`crate::Policy::allowed_schemes`].
    Scheme(String),
    /// The address cannot be read as a URL; the text says why.
    BadUrl(String),
    /// A variable where it would decide which server or program is asked.
    VariableInAddress {
        /// As written: `$caller$`.
        variable: String,
        /// Where it stands.
        place: Place,
    },
    /// `[sip.…` without a header name, or without `]`.
    BadHeader(String),
    /// A header that a template may not use.
    Header(HeaderRefused),
    /// A double quote without its partner, or text directly after a quoted path.
    Quote,
    /// A Windows path without `.exe` or `.com`.
    NoExecutable,
    /// A batch file: Windows would give it to a shell together with what the caller sent.
    BatchFile,
    /// A shell or script host, by its name: it would read what the caller sent as commands.
    Shell(String),
}

/// A part of a target that no caller may choose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Before the first colon.
    Scheme,
    /// User, password, host or port of a URL.
    Host,
    /// The path of a program.
    Program,
}

impl fmt::Display for TemplateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("Write a web address or the full path of a program."),
            Self::TooLong => f.write_str("This is too long. A target has at most 4096 bytes."),
            Self::ControlCharacter => {
                f.write_str("There is a line break or another control character in it. Remove it.")
            }
            Self::NoScheme => f.write_str("Write the whole web address, beginning with “https://”."),
            Self::RelativePath => f.write_str(
                "Write the full path of the program, like “C:\\Program Files\\MyApp\\myapp.exe” or “/opt/my app/crm”, \
                 or a web address beginning with “https://”.",
            ),
            Self::Scheme(scheme) if crate::scheme_allowed(scheme).is_err() => {
                write!(
                    f,
                    "“{scheme}:” can run code or open files, so a screen pop never uses it. Use http or https."
                )
            }
            Self::Scheme(scheme) => write!(
                f,
                "“{scheme}:” is not allowed. Use http or https, or add the scheme to the allowed ones in the settings."
            ),
            Self::BadUrl(why) => write!(f, "This is not a web address: {why}."),
            Self::VariableInAddress { variable, place } => {
                let place = match place {
                    Place::Scheme => "the beginning of the address",
                    Place::Host => "the server's name, port or user",
                    Place::Program => "the path of the program",
                };
                write!(
                    f,
                    "{variable} cannot be in {place}: nothing a caller sends can change where a pop goes. Use it after \
                     the first “/” or “?” of an address, or in an argument of a program."
                )
            }
            Self::BadHeader(text) => write!(f, "“{text}” is not a header. Write it like [sip.X-Ticket]."),
            Self::Header(refused) => refused.fmt(f),
            Self::Quote => f.write_str(
                "A quotation mark has no partner here. Put one before and one after the path or the argument, with a \
                 space before the next argument.",
            ),
            Self::NoExecutable => f.write_str("A program for Windows ends in .exe or .com."),
            Self::BatchFile => f.write_str(
                "Batch files (.bat, .cmd) are run by a shell, which would read what a caller sends as commands. Name \
                 the program itself.",
            ),
            Self::Shell(name) => write!(
                f,
                "“{name}” would read what a caller sends as commands. Name the program itself."
            ),
        }
    }
}

impl std::error::Error for TemplateError {}

impl From<HeaderRefused> for TemplateError {
    fn from(refused: HeaderRefused) -> Self {
        Self::Header(refused)
    }
}

/// Why a template cannot be opened for this call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FillError {
    /// No program is at any of these paths: all readings of the template, the longest first.
    NoSuchProgram {
        /// Absolute paths.
        paths: Vec<String>,
    },
    /// With the values of this call the target is longer than any program takes.
    TooLong,
    /// A value would stand for "the folder above" (`.` or `..`) in the path of a URL.
    DotSegment {
        /// As written: `$caller$`.
        variable: String,
    },
    /// The filled URL would lead to another place than the template. A defence; no value is known to reach it.
    PlaceChanged,
}

impl fmt::Display for FillError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoSuchProgram { paths } => {
                let path = paths.first().map_or("", String::as_str);
                write!(
                    f,
                    "There is no program at “{path}”. Install it, or correct the path in the screen-pop settings."
                )
            }
            Self::TooLong => f.write_str("This call's values make the target too long to open."),
            Self::DotSegment { variable } => {
                write!(
                    f,
                    "The value of {variable} would lead to another page, so nothing was opened."
                )
            }
            Self::PlaceChanged => f.write_str("This call's values would lead to another page, so nothing was opened."),
        }
    }
}

impl std::error::Error for FillError {}
