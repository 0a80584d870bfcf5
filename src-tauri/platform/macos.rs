//! macOS: always a display and a tray; notifications without buttons, the card has them.
use super::{Corner, Pressed};
use notify_rust::Notification;
use tokio::signal::unix::{SignalKind, signal};

/// Where the card goes: macOS shows its notifications above.
pub fn card_corner() -> Corner {
    Corner::BottomRight
}

/// A click on the tray icon shows the window, the other button the menu.
pub const MENU_ON_CLICK: bool = false;

/// Why no window can be opened, when none can.
pub fn no_display() -> Option<String> {
    None
}

/// Whether something on this desktop shows tray icons.
pub fn has_tray() -> bool {
    true
}

/// Ends when the session or an administrator asks the process to end.
pub async fn asked_to_end() {
    let (Ok(mut term), Ok(mut int)) = (signal(SignalKind::terminate()), signal(SignalKind::interrupt())) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = term.recv() => (),
        _ = int.recv() => (),
    }
}

/// A notification that is on the screen.
pub struct Shown;

/// Shows an incoming call.
///
/// # Errors
/// What the system said, when it shows no notifications.
pub fn show_call(title: &str, body: &str) -> Result<Shown, String> {
    let shown = Notification::new().appname("Parley").summary(title).body(body).show();
    shown.map(|_| Shown).map_err(|why| why.to_string())
}

/// Shows a message that came in.
///
/// # Errors
/// What the system said, when it shows no notifications.
pub fn show_message(title: &str, body: &str) -> Result<Shown, String> {
    show_call(title, body)
}

impl Shown {
    /// The number by which it can be taken down; this system takes it down by itself.
    pub fn id(&self) -> u32 {
        0
    }

    /// Waits until a person does something with it: there is nothing to press here.
    pub fn wait(self) -> Pressed {
        Pressed::Nothing
    }
}

/// Takes a notification down; this system does it by itself.
pub fn take_down(_id: u32) {}
