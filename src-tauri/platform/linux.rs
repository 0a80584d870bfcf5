//! Linux: X11 or Wayland, notifications and the tray over D-Bus.
use super::{Corner, Pressed};
use notify_rust::{Hint, Notification, NotificationHandle, Timeout, Urgency};
use tokio::signal::unix::{SignalKind, signal};

/// Where the card goes: not where this desktop shows its notifications. Plasma has them below, nearly all others above.
pub fn card_corner() -> Corner {
    let plasma = std::env::var("XDG_CURRENT_DESKTOP").is_ok_and(|desktop| desktop.split(':').any(|name| name == "KDE"));
    if plasma { Corner::TopRight } else { Corner::BottomRight }
}

/// A click on the tray icon opens its menu; indicators know no other click.
pub const MENU_ON_CLICK: bool = true;

/// Why no window can be opened, when none can.
pub fn no_display() -> Option<String> {
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    (!set("DISPLAY") && !set("WAYLAND_DISPLAY")).then(|| {
        "Parley needs a display and found none (neither DISPLAY nor WAYLAND_DISPLAY is set). \
         Without one, use parley-headless: the same phone as JSON lines, see docs/headless.md."
            .to_owned()
    })
}

/// Whether something on this desktop shows tray icons. May wait for D-Bus: call it off the main thread.
pub fn has_tray() -> bool {
    let owned = || {
        let bus = zbus::blocking::Connection::session()?;
        let answer = bus.call_method(
            Some("org.freedesktop.DBus"),
            "/org/freedesktop/DBus",
            Some("org.freedesktop.DBus"),
            "NameHasOwner",
            &"org.kde.StatusNotifierWatcher",
        )?;
        answer.body().deserialize::<bool>()
    };
    owned().unwrap_or_else(|why: zbus::Error| {
        log::info!("no session bus, so no tray: {why}");
        false
    })
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
pub struct Shown(NotificationHandle);

/// Shows an incoming call with its buttons. Waits for the notification daemon.
///
/// # Errors
/// What the system said, when it shows no notifications.
pub fn show_call(title: &str, body: &str) -> Result<Shown, String> {
    let body = plain(body)?;
    Notification::new()
        .appname("Parley")
        .icon("parley")
        .summary(title)
        .body(&body)
        .action("default", "Show")
        .action("answer", "Answer")
        .action("decline", "Decline")
        .hint(Hint::Category("call.incoming".to_owned()))
        .hint(Hint::SuppressSound(true))
        .hint(Hint::Transient(true))
        .urgency(Urgency::Critical)
        .timeout(Timeout::Never)
        .show()
        .map(Shown)
        .map_err(|why| why.to_string())
}

/// Shows a message that came in. Waits for the notification daemon.
///
/// # Errors
/// What the system said, when it shows no notifications.
pub fn show_message(title: &str, body: &str) -> Result<Shown, String> {
    Notification::new()
        .appname("Parley")
        .icon("parley")
        .summary(title)
        .body(&plain(body)?)
        .action("default", "Show")
        .hint(Hint::Category("im.received".to_owned()))
        .urgency(Urgency::Normal)
        .show()
        .map(Shown)
        .map_err(|why| why.to_string())
}

impl Shown {
    /// The number by which it can be taken down.
    pub fn id(&self) -> u32 {
        self.0.id()
    }

    /// Waits until a person does something with it or it goes away.
    pub fn wait(self) -> Pressed {
        let mut pressed = Pressed::Nothing;
        self.0.wait_for_action(|action| {
            pressed = match action {
                "answer" => Pressed::Answer,
                "decline" => Pressed::Decline,
                "default" => Pressed::Body,
                _ => Pressed::Nothing,
            };
        });
        pressed
    }
}

/// Takes a notification down; `wait` then ends.
pub fn take_down(id: u32) {
    let closed = zbus::blocking::Connection::session().and_then(|bus| {
        bus.call_method(
            Some("org.freedesktop.Notifications"),
            "/org/freedesktop/Notifications",
            Some("org.freedesktop.Notifications"),
            "CloseNotification",
            &id,
        )
    });
    if let Err(why) = closed {
        log::debug!("a notification was not taken down: {why}");
    }
}

/// A body that this daemon shows letter by letter.
fn plain(body: &str) -> Result<String, String> {
    let can = notify_rust::get_capabilities().map_err(|why| why.to_string())?;
    let markup = can.iter().any(|name| name == "body-markup");
    Ok(if markup { escaped(body) } else { body.to_owned() })
}

/// The body may be read as markup: `<sip:…>` would vanish and a caller could put a link there.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    #[test]
    fn an_address_in_angle_brackets_survives_markup() {
        assert_eq!(super::escaped("A & B <sip:a@b>"), "A &amp; B &lt;sip:a@b&gt;");
    }
}
