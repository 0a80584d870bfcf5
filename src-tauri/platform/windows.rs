//! Windows: always a display and a tray; notifications without buttons, the card has them.
use super::{Corner, Pressed};
use notify_rust::Notification;

/// Where the card goes: Windows shows its notifications below.
pub fn card_corner() -> Corner {
    Corner::TopRight
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
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending().await
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
