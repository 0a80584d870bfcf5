//! Notifications of incoming calls, with buttons. They never keep a call waiting: each has a thread of its own.
use crate::desk::Ringing;
use crate::desktop::Desktop;
use crate::platform::{self, Pressed};
use crate::windows;
use parley_api::{Others, Request};
use std::collections::HashMap;
use std::sync::mpsc::{Receiver, Sender, channel};
use tauri::{AppHandle, Manager};

/// The thread that knows what is on the screen.
pub struct Notifications {
    words: Sender<Word>,
}

enum Word {
    /// These calls ring, and no others.
    Wanted(Vec<Ringing>),
    /// The notification of a call is up under this number.
    Up { call: u64, id: u32 },
    /// The notification of a call is gone, or never came.
    Gone { call: u64 },
}

/// What is known of the notification of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Slot {
    /// The daemon is being asked.
    Asked,
    /// On the screen under this number.
    Up(u32),
    /// Gone, and not shown again for this call.
    Over,
}

impl Notifications {
    /// Starts the thread; it ends with this value.
    pub fn start(app: &AppHandle) -> Self {
        let (words, inbox) = channel();
        let (app, back) = (app.clone(), words.clone());
        // Without a thread there are no notifications; the card and the ringing do not need them.
        if let Err(why) = std::thread::Builder::new()
            .name("notifications".into())
            .spawn(move || keep(&app, &inbox, &back))
        {
            log::warn!("no thread for notifications: {why}");
        }
        Self { words }
    }

    /// Shows exactly these calls.
    pub fn show(&self, ringing: Vec<Ringing>) {
        let _ = self.words.send(Word::Wanted(ringing));
    }
}

fn keep(app: &AppHandle, inbox: &Receiver<Word>, back: &Sender<Word>) {
    let mut board = Board::default();
    while let Ok(word) = inbox.recv() {
        let todo = match word {
            Word::Wanted(ringing) => board.wanted(ringing),
            Word::Up { call, id } => board.up(call, id),
            Word::Gone { call } => board.gone(call),
        };
        for id in todo.take_down {
            platform::take_down(id);
        }
        for ringing in todo.ask {
            let (app, back, call) = (app.clone(), back.clone(), ringing.call);
            let asking = std::thread::Builder::new().name("notification".into()).spawn(move || {
                one(&app, &back, &ringing);
                let _ = back.send(Word::Gone { call });
            });
            if let Err(why) = asking {
                log::warn!("no thread for a notification: {why}");
            }
        }
    }
}

/// One notification from its first word to its last.
fn one(app: &AppHandle, back: &Sender<Word>, ringing: &Ringing) {
    let call = ringing.call;
    match platform::show_call(&ringing.title, &ringing.body) {
        Ok(shown) => {
            let id = shown.id();
            let _ = back.send(Word::Up { call, id });
            let pressed = shown.wait();
            press(app, call, pressed);
            // Not every daemon takes a notification down by itself when one of its buttons is pressed.
            if pressed != Pressed::Nothing {
                platform::take_down(id);
            }
        }
        Err(why) => {
            log::warn!("no notification: {why}");
            app.state::<Desktop>().notices.raise(
                "no_notifications",
                "This desktop shows no notifications. Calls still ring and show their card; install a notification service \
                 (dunst, for example) to have them there too."
                    .to_owned(),
            );
        }
    }
}

fn press(app: &AppHandle, call: u64, pressed: Pressed) {
    let request = match pressed {
        Pressed::Answer => Request::Answer {
            call,
            others: Others::Hold,
        },
        Pressed::Decline => Request::Decline { call },
        Pressed::Body => return windows::show_main(app),
        Pressed::Nothing => return,
    };
    let asked = app.state::<Desktop>().engine.request(request.into());
    tauri::async_runtime::spawn(async move {
        if let Err(refusal) = asked.await {
            log::info!("a button came too late: {refusal}");
        }
    });
}

/// Which notification is where; no IO.
#[derive(Default)]
struct Board {
    slots: HashMap<u64, Slot>,
    wanted: Vec<u64>,
}

/// What the thread has to do.
#[derive(Debug, Default, PartialEq, Eq)]
struct Todo {
    ask: Vec<Ringing>,
    take_down: Vec<u32>,
}

impl Board {
    fn wanted(&mut self, ringing: Vec<Ringing>) -> Todo {
        self.wanted = ringing.iter().map(|ringing| ringing.call).collect();
        let mut todo = Todo::default();
        for ringing in ringing {
            if let std::collections::hash_map::Entry::Vacant(slot) = self.slots.entry(ringing.call) {
                slot.insert(Slot::Asked);
                todo.ask.push(ringing);
            }
        }
        let wanted = &self.wanted;
        self.slots.retain(|call, slot| match slot {
            _ if wanted.contains(call) => true,
            Slot::Asked => true,
            Slot::Up(id) => {
                todo.take_down.push(*id);
                false
            }
            Slot::Over => false,
        });
        todo
    }

    fn up(&mut self, call: u64, id: u32) -> Todo {
        if self.wanted.contains(&call) {
            self.slots.insert(call, Slot::Up(id));
            return Todo::default();
        }
        // It stopped ringing while the daemon was asked.
        self.slots.remove(&call);
        Todo {
            ask: Vec::new(),
            take_down: vec![id],
        }
    }

    fn gone(&mut self, call: u64) -> Todo {
        if self.wanted.contains(&call) {
            self.slots.insert(call, Slot::Over);
        } else {
            self.slots.remove(&call);
        }
        Todo::default()
    }
}

#[cfg(test)]
mod tests {
    use super::{Board, Todo};
    use crate::desk::Ringing;

    fn ringing(call: u64) -> Ringing {
        Ringing {
            call,
            title: String::new(),
            body: String::new(),
        }
    }

    fn asks(todo: &Todo) -> Vec<u64> {
        todo.ask.iter().map(|ringing| ringing.call).collect()
    }

    #[test]
    fn each_call_is_shown_once_and_taken_down_when_it_rings_no_more() {
        let mut board = Board::default();
        assert_eq!(asks(&board.wanted(vec![ringing(1)])), [1]);
        assert!(asks(&board.wanted(vec![ringing(1)])).is_empty());
        assert_eq!(board.up(1, 77), Todo::default());
        assert_eq!(asks(&board.wanted(vec![ringing(1), ringing(2)])), [2]);
        assert_eq!(board.wanted(vec![ringing(2)]).take_down, [77]);
    }

    #[test]
    fn a_slow_daemon_shows_nothing_that_is_over() {
        let mut board = Board::default();
        board.wanted(vec![ringing(1)]);
        assert!(board.wanted(vec![]).take_down.is_empty());
        assert_eq!(board.up(1, 77).take_down, [77]);
        assert!(board.slots.is_empty());
    }

    #[test]
    fn one_that_was_closed_by_hand_does_not_come_back() {
        let mut board = Board::default();
        board.wanted(vec![ringing(1)]);
        board.up(1, 77);
        board.gone(1);
        assert_eq!(board.wanted(vec![ringing(1)]), Todo::default());
        assert_eq!(board.wanted(vec![]), Todo::default());
        assert!(board.slots.is_empty());
    }
}
