//! Notifications of messages: one for each person who writes, few at a time. Each waits in a thread of its own; pressing it shows the
//! conversation.
use crate::desk::{Letter, Post};
use crate::desktop::Desktop;
use crate::platform::{self, Pressed};
use crate::windows;
use parley_api::Event;
use std::collections::VecDeque;
use std::sync::mpsc::{Receiver, Sender, channel};
use tauri::{AppHandle, Manager};

/// So many are on the screen at once; the oldest makes room.
const MOST: usize = 3;
/// So many threads wait for the daemon at once. What comes beyond that is in the list of messages only.
const WAITING: usize = 8;

/// The thread that knows what is on the screen.
pub struct Letters {
    words: Sender<Word>,
}

enum Word {
    /// What came in, or was looked at.
    Post(Post),
    /// The notification of a message is up under this number.
    Up { message: u64, id: u32 },
    /// The notification of a message is gone, or never came.
    Gone { message: u64 },
}

impl Letters {
    /// Starts the thread; it ends with this value.
    pub fn start(app: &AppHandle) -> Self {
        let (words, inbox) = channel();
        let (app, back) = (app.clone(), words.clone());
        // Without a thread there are no notifications; the list of messages does not need them.
        if let Err(why) = std::thread::Builder::new()
            .name("letters".into())
            .spawn(move || keep(&app, &inbox, &back))
        {
            log::warn!("no thread for notifications of messages: {why}");
        }
        Self { words }
    }

    /// Takes in what happened.
    pub fn deliver(&self, post: Post) {
        let _ = self.words.send(Word::Post(post));
    }
}

fn keep(app: &AppHandle, inbox: &Receiver<Word>, back: &Sender<Word>) {
    let mut shelf = Shelf::default();
    let mut waiting = 0_usize;
    while let Ok(word) = inbox.recv() {
        let take_down = match word {
            Word::Post(Post::Seen(message)) => shelf.gone(message),
            Word::Up { message, id } => shelf.up(message, id),
            Word::Gone { message } => {
                waiting = waiting.saturating_sub(1);
                shelf.gone(message);
                Vec::new()
            }
            Word::Post(Post::Came(letter)) if waiting < WAITING => {
                let take_down = shelf.came(letter.message, &letter.peer);
                if ask(app, back, letter) {
                    waiting += 1;
                }
                take_down
            }
            Word::Post(Post::Came(_)) => Vec::new(),
        };
        take_down.into_iter().for_each(platform::take_down);
    }
}

fn ask(app: &AppHandle, back: &Sender<Word>, letter: Letter) -> bool {
    let (app, back) = (app.clone(), back.clone());
    let asking = std::thread::Builder::new().name("letter".into()).spawn(move || {
        let message = letter.message;
        one(&app, &back, letter);
        let _ = back.send(Word::Gone { message });
    });
    asking
        .inspect_err(|why| log::warn!("no thread for a notification: {why}"))
        .is_ok()
}

/// One notification from its first word to its last.
fn one(app: &AppHandle, back: &Sender<Word>, letter: Letter) {
    match platform::show_message(&letter.title, &letter.body) {
        Ok(shown) => {
            let id = shown.id();
            let message = letter.message;
            let _ = back.send(Word::Up { message, id });
            if shown.wait() == Pressed::Body {
                platform::take_down(id);
                windows::show_main(app);
                let _ = app.state::<Desktop>().events.send(Event::ShowMessages {
                    peer: letter.peer,
                    name: letter.name,
                });
            }
        }
        Err(why) => log::warn!("no notification of a message: {why}"),
    }
}

/// Which notification is where, oldest first; no IO. What is told is what to take down.
#[derive(Default)]
struct Shelf(VecDeque<Slot>);

struct Slot {
    message: u64,
    peer: String,
    /// Its number, once it is on the screen.
    id: Option<u32>,
}

impl Shelf {
    /// A new one takes the place of the one before from the same person.
    fn came(&mut self, message: u64, peer: &str) -> Vec<u32> {
        let mut take_down = self.remove(|slot| slot.peer == peer);
        while self.0.len() >= MOST {
            take_down.extend(self.0.pop_front().and_then(|slot| slot.id));
        }
        self.0.push_back(Slot {
            message,
            peer: peer.to_owned(),
            id: None,
        });
        take_down
    }

    fn up(&mut self, message: u64, id: u32) -> Vec<u32> {
        match self.0.iter_mut().find(|slot| slot.message == message) {
            Some(slot) => {
                slot.id = Some(id);
                Vec::new()
            }
            // It was replaced or looked at while the daemon was asked.
            None => vec![id],
        }
    }

    fn gone(&mut self, message: u64) -> Vec<u32> {
        self.remove(|slot| slot.message == message)
    }

    fn remove(&mut self, which: impl Fn(&Slot) -> bool) -> Vec<u32> {
        let gone = self.0.iter().filter(|slot| which(slot)).filter_map(|slot| slot.id);
        let gone = gone.collect();
        self.0.retain(|slot| !which(slot));
        gone
    }
}

#[cfg(test)]
mod tests {
    use super::{MOST, Shelf};

    const NOTHING: [u32; 0] = [];

    #[test]
    fn the_next_message_of_a_person_takes_the_place_of_the_one_before() {
        let mut shelf = Shelf::default();
        assert_eq!(shelf.came(1, "218"), NOTHING);
        assert_eq!(shelf.up(1, 70), NOTHING);
        assert_eq!(shelf.came(2, "219"), NOTHING);
        assert_eq!(shelf.came(3, "218"), [70]);
        assert_eq!(shelf.0.len(), 2);
    }

    #[test]
    fn a_flood_of_people_is_not_a_flood_of_notifications() {
        let mut shelf = Shelf::default();
        let mut taken_down = Vec::new();
        for number in 0..20 {
            taken_down.extend(shelf.came(number.into(), &number.to_string()));
            taken_down.extend(shelf.up(number.into(), number));
        }
        assert_eq!(shelf.0.len(), MOST);
        assert_eq!(taken_down, (0..17).collect::<Vec<u32>>());
    }

    #[test]
    fn what_was_looked_at_is_taken_down_also_when_the_daemon_was_slow() {
        let mut shelf = Shelf::default();
        shelf.came(1, "218");
        shelf.up(1, 70);
        assert_eq!(shelf.gone(1), [70]);
        shelf.came(2, "218");
        assert_eq!(shelf.gone(2), NOTHING);
        assert_eq!(shelf.up(2, 71), [71]);
    }
}
