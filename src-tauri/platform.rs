//! What differs between the systems, behind one set of names. Each system has one file; nothing outside them is `cfg`'d.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "linux")]
pub use linux::*;

#[cfg(target_os = "macos")]
mod macos;
#[cfg(target_os = "macos")]
pub use macos::*;

#[cfg(target_os = "windows")]
mod windows;
#[cfg(target_os = "windows")]
pub use windows::*;

/// A corner of the screen. The card goes where this system's notifications do not, for they would cover it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(dead_code)] // each system uses one
pub enum Corner {
    /// Under the top edge.
    TopRight,
    /// Above the bottom edge.
    BottomRight,
}

/// What a person did with a notification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(dead_code)] // not every system has buttons
pub enum Pressed {
    /// The button "Answer".
    Answer,
    /// The button "Decline".
    Decline,
    /// The notification itself.
    Body,
    /// It went away unanswered.
    Nothing,
}
