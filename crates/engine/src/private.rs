//! The one wrapper through which personal data reaches a log.
use std::fmt;

/// A name, number or address in a log line: shown as its length and nothing else.
pub struct Private<T>(pub T);

impl<T: AsRef<str>> fmt::Display for Private<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{} characters>", self.0.as_ref().chars().count())
    }
}

impl<T: AsRef<str>> fmt::Debug for Private<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
