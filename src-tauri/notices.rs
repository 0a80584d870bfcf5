//! Standing notices of the desktop itself, beside the engine's.
use parley_api::{Notice, NoticeLevel};
use tokio::sync::watch;

/// The list, and who follows it.
pub struct Notices(watch::Sender<Vec<Notice>>);

impl Default for Notices {
    fn default() -> Self {
        Self(watch::Sender::new(Vec::new()))
    }
}

impl Notices {
    /// Raises a notice, once for each key.
    pub fn raise(&self, key: &str, text: String) {
        self.0.send_if_modified(|notices| {
            let new = !notices.iter().any(|notice| notice.key == key);
            if new {
                notices.push(Notice {
                    key: key.to_owned(),
                    level: NoticeLevel::Warning,
                    text,
                });
            }
            new
        });
    }

    /// Takes a notice away; false when it is none of ours.
    pub fn dismiss(&self, key: &str) -> bool {
        self.0.send_if_modified(|notices| {
            let before = notices.len();
            notices.retain(|notice| notice.key != key);
            notices.len() != before
        })
    }

    /// Follows the list.
    pub fn subscribe(&self) -> watch::Receiver<Vec<Notice>> {
        self.0.subscribe()
    }
}

#[cfg(test)]
mod tests {
    use super::Notices;

    #[test]
    fn a_notice_is_raised_once_and_dismissed_by_its_key() {
        let notices = Notices::default();
        notices.raise("a", "One.".into());
        notices.raise("a", "Two.".into());
        assert_eq!(notices.subscribe().borrow().len(), 1);
        assert!(!notices.dismiss("engine's"));
        assert!(notices.dismiss("a"));
        assert!(notices.subscribe().borrow().is_empty());
    }
}
