//! What the parts of the desktop show, derived from the engine's views alone.
use parley_api::{
    AccountView, CallState, CallView, Event, MessageView, PresenceState, RegistrationView, Settings, Snapshot, View,
    ViewRef,
};
use std::collections::BTreeMap;

/// Of a notification's title and text, in characters. What is longer is read in the window.
const TITLE: usize = 80;
const BODY: usize = 300;

/// The engine's state as far as the desktop shows it.
pub struct Desk {
    seq: u64,
    calls: BTreeMap<u64, CallView>,
    accounts: BTreeMap<u64, AccountView>,
    presence: PresenceState,
    settings: Settings,
    /// The newest message that is known.
    newest: u64,
    post: Vec<Post>,
}

/// What happened to a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Post {
    /// One came in that nobody has looked at.
    Came(Letter),
    /// Somebody has looked at this one.
    Seen(u64),
}

/// A message as a notification shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// Its number.
    pub message: u64,
    /// Whose conversation it is.
    pub peer: String,
    /// What the conversation is called.
    pub name: String,
    /// From whom.
    pub title: String,
    /// What it says, shortened.
    pub body: String,
}

/// A call that rings here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ringing {
    /// Its number.
    pub call: u64,
    /// Who calls.
    pub title: String,
    /// From which number, on which line.
    pub body: String,
}

/// What the tray icon shows, the most urgent first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TrayIcon {
    /// A call rings.
    Ringing,
    /// A line that should be reachable is not.
    Lost,
    /// Do not disturb.
    DoNotDisturb,
    /// All is well.
    Online,
}

/// The tray.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrayView {
    /// Its picture.
    pub icon: TrayIcon,
    /// What the pointer shows.
    pub tooltip: String,
    /// Whether "Do not disturb" is ticked.
    pub do_not_disturb: bool,
}

impl Desk {
    /// The state at the time of a snapshot.
    pub fn new(snapshot: Snapshot) -> Self {
        Self {
            seq: snapshot.seq,
            calls: snapshot.calls.into_iter().map(|call| (call.id, call)).collect(),
            accounts: snapshot
                .accounts
                .into_iter()
                .map(|account| (account.id, account))
                .collect(),
            presence: snapshot.presence.state,
            settings: snapshot.settings,
            newest: snapshot.messages.iter().map(|message| message.id).max().unwrap_or(0),
            post: Vec::new(),
        }
    }

    /// Takes in an event. False when one before it is missing: take a new snapshot.
    pub fn apply(&mut self, event: Event) -> bool {
        let Event::Update { seq, upserts, removals } = event else {
            return true;
        };
        if seq <= self.seq {
            return true;
        }
        if seq != self.seq + 1 {
            return false;
        }
        self.seq = seq;
        for removal in removals {
            match removal {
                ViewRef::Call(id) => drop(self.calls.remove(&id)),
                ViewRef::Account(id) => drop(self.accounts.remove(&id)),
                ViewRef::History(_) | ViewRef::AllHistory | ViewRef::Watch(_) | ViewRef::Notice(_) => {}
            }
        }
        for view in upserts {
            match view {
                View::Call(call) => drop(self.calls.insert(call.id, call)),
                View::Account(account) => drop(self.accounts.insert(account.id, account)),
                View::Presence(presence) => self.presence = presence.state,
                View::Settings(settings) => self.settings = settings,
                View::Message(message) => self.receive(&message),
                _ => {}
            }
        }
        true
    }

    fn receive(&mut self, message: &MessageView) {
        let new = message.id > self.newest;
        self.newest = self.newest.max(message.id);
        if !message.incoming {
            return;
        }
        if !message.unseen {
            self.post.push(Post::Seen(message.id));
        } else if new && self.presence != PresenceState::DoNotDisturb {
            self.post.push(Post::Came(letter(message)));
        }
    }

    /// What happened to messages since this was asked last.
    pub fn take_post(&mut self) -> Vec<Post> {
        std::mem::take(&mut self.post)
    }

    /// The settings as they stand.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Calls that ring here, oldest first.
    pub fn ringing(&self) -> Vec<Ringing> {
        self.calls
            .values()
            .filter(|call| call.state == CallState::Incoming)
            .map(|call| self.card(call))
            .collect()
    }

    /// What the tray shows.
    pub fn tray(&self) -> TrayView {
        let do_not_disturb = self.presence == PresenceState::DoNotDisturb;
        let ringing = self.ringing();
        let lost: Vec<&str> = self
            .accounts
            .values()
            .filter(|account| is_lost(account))
            .map(|account| account.name.as_str())
            .collect();
        let (icon, says) = match (ringing.first(), lost.is_empty()) {
            (Some(call), _) => (TrayIcon::Ringing, call.title.clone()),
            (None, false) => (TrayIcon::Lost, format!("Not reachable on {}", lost.join(", "))),
            (None, true) if do_not_disturb => (TrayIcon::DoNotDisturb, "Do not disturb".to_owned()),
            (None, true) => (TrayIcon::Online, String::new()),
        };
        let tooltip = if says.is_empty() {
            "Parley".to_owned()
        } else {
            format!("Parley: {says}")
        };
        TrayView {
            icon,
            tooltip,
            do_not_disturb,
        }
    }

    fn card(&self, call: &CallView) -> Ringing {
        let remote = &call.remote;
        let number = if remote.number.is_empty() {
            "Number withheld"
        } else {
            &remote.number
        };
        let name = remote.name.as_deref().filter(|name| !name.is_empty()).unwrap_or(number);
        let line = self
            .accounts
            .get(&call.account)
            .map(|account| format!("on {}", account.name));
        let parts = [
            (name != number).then(|| number.to_owned()),
            remote.company.clone(),
            line,
        ];
        Ringing {
            call: call.id,
            title: format!("Call from {name}"),
            body: parts.into_iter().flatten().collect::<Vec<_>>().join("\n"),
        }
    }
}

fn letter(message: &MessageView) -> Letter {
    let name = [&message.name, &message.number, &message.peer]
        .into_iter()
        .find(|name| !name.trim().is_empty());
    let name = short(name.map_or("", String::as_str), TITLE);
    Letter {
        message: message.id,
        peer: message.peer.clone(),
        title: format!("Message from {name}"),
        name,
        body: short(&message.text, BODY),
    }
}

/// In one line, and not longer than so many characters.
fn short(text: &str, most: usize) -> String {
    let words = text.split(|c: char| c.is_whitespace() || c.is_control());
    let line = words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

fn is_lost(account: &AccountView) -> bool {
    account.enabled && matches!(account.registration, RegistrationView::Failed { .. })
}

#[cfg(test)]
#[path = "desk/tests.rs"]
mod tests;
