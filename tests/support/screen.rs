//! The screen as a person has it: windows of every program, the pointer, the keys, the colours.
use crate::desk::Desk;
use crate::{eventually, eventually_or};
use std::path::Path;
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(30);

/// A window: its number, its upper left (of one without a frame) and its size on the screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub id: String,
    pub x: i32,
    pub y: i32,
    pub width: i32,
    pub height: i32,
}

impl Desk {
    /// Makes a program the one that opens web pages here, as a person's choice of browser does.
    pub fn choose_browser(&self, program: &Path) {
        let home = self.folder.path().join("home");
        let (applications, config) = (home.join(".local/share/applications"), home.join(".config"));
        std::fs::create_dir_all(&applications).unwrap();
        let entry = format!(
            "[Desktop Entry]\nType=Application\nName=Browser\nExec={} %u\n",
            program.display()
        );
        std::fs::write(applications.join("browser.desktop"), entry).unwrap();
        let choice =
            "[Default Applications]\nx-scheme-handler/http=browser.desktop\nx-scheme-handler/https=browser.desktop\n";
        std::fs::write(config.join("mimeapps.list"), choice).unwrap();
    }

    /// Whether Parley runs: the one that does has a name on the bus.
    pub fn runs(&self) -> bool {
        self.names().contains("org.parley.desktop.SingleInstance")
    }

    /// The window with exactly this title, if it is on the screen.
    pub fn seen(&self, title: &str) -> Option<Place> {
        let found = self.output(
            "xdotool",
            &[
                "search",
                "--onlyvisible",
                "--name",
                &format!("^{title}$"),
                "getwindowgeometry",
                "--shell",
            ],
        );
        let number = |name: &str| -> Option<i32> {
            let line = found.lines().find_map(|line| line.strip_prefix(&format!("{name}=")));
            line.and_then(|value| value.parse().ok())
        };
        Some(Place {
            id: number("WINDOW")?.to_string(),
            x: number("X")?,
            y: number("Y")?,
            width: number("WIDTH")?,
            height: number("HEIGHT")?,
        })
    }

    /// Waits for a window.
    pub fn wait_seen(&self, title: &str) -> Place {
        eventually(&format!("the window {title:?}"), PATIENCE, || self.seen(title))
    }

    /// Waits until no such window is on the screen.
    pub fn wait_unseen(&self, title: &str) {
        eventually(&format!("no window {title:?}"), PATIENCE, || {
            self.seen(title).is_none().then_some(())
        });
    }

    /// Which window has the keyboard.
    pub fn active(&self) -> String {
        self.output("xdotool", &["getactivewindow"]).trim().to_owned()
    }

    /// Gives a window the keyboard.
    pub fn activate(&self, window: &Place) {
        self.output("xdotool", &["windowactivate", "--sync", &window.id]);
    }

    /// A click with the left button, at pixels from the window's upper left.
    pub fn click_in(&self, window: &Place, (x, y): (i32, i32)) {
        let (x, y) = (x.to_string(), y.to_string());
        self.output("xdotool", &["mousemove", "--window", &window.id, &x, &y, "click", "1"]);
    }

    /// Asks a window to close, as its frame's button does.
    pub fn close_window(&self, window: &Place) {
        let id: u64 = window.id.parse().unwrap();
        self.output("wmctrl", &["-i", "-c", &format!("{id:#x}")]);
    }

    /// Red, green and blue of a point.
    pub fn colour_at(&self, (x, y): (i32, i32)) -> Option<[i32; 3]> {
        let crop = format!("1x1+{x}+{y}");
        let output = self
            .command("import")
            .args(["-window", "root", "-crop", &crop, "-depth", "8", "rgb:-"])
            .output();
        let bytes = output.ok()?.stdout;
        <[u8; 3]>::try_from(bytes).ok().map(|colour| colour.map(i32::from))
    }

    /// Waits until a point has a colour like this.
    pub fn wait_colour(&self, at: (i32, i32), what: &str, like: impl Fn([i32; 3]) -> bool) {
        eventually_or(
            PATIENCE,
            || self.colour_at(at).filter(|colour| like(*colour)),
            || format!("{what} at {at:?}, which has {:?}", self.colour_at(at)),
        );
    }
}
