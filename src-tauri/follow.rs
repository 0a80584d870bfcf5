//! Follows the engine and keeps the card, the notifications, the tray and the settings up to date.
use crate::desk::{Desk, Post};
use crate::desktop::Desktop;
use crate::letters::Letters;
use crate::notify::Notifications;
use crate::{tray, windows};
use parley_api::{Event, Reply, Request, Snapshot};
use parley_engine::Engine;
use tauri::{AppHandle, Manager};
use tokio::sync::broadcast::{Receiver, error::RecvError};

/// Follows until the engine stops.
pub fn start(app: &AppHandle, snapshot: Snapshot) {
    let app = app.clone();
    let engine = app.state::<Desktop>().engine.clone();
    let events = engine.subscribe();
    tauri::async_runtime::spawn(async move {
        let mut shown = Shown {
            notifications: Notifications::start(&app),
            letters: Letters::start(&app),
            app,
        };
        let (mut events, mut desk) = (events, Desk::new(snapshot));
        loop {
            if !follow(&mut shown, &mut desk, &mut events).await {
                return;
            }
            // Something was missed. Subscribe first, so that nothing falls between.
            events = engine.subscribe();
            let Some(snapshot) = take_snapshot(&engine).await else {
                return;
            };
            desk = Desk::new(snapshot);
        }
    });
}

/// True after a gap, false when the engine has stopped.
async fn follow(shown: &mut Shown, desk: &mut Desk, events: &mut Receiver<parley_engine::Event>) -> bool {
    shown.show(desk);
    loop {
        match events.recv().await {
            Ok(event @ parley_engine::Event::Update { .. }) => {
                if !desk.apply(Event::from(event)) {
                    return true;
                }
                shown.show(desk);
            }
            Ok(_) => {}
            Err(RecvError::Lagged(_)) => return true,
            Err(RecvError::Closed) => return false,
        }
    }
}

async fn take_snapshot(engine: &Engine) -> Option<Snapshot> {
    match engine.request(Request::Snapshot.into()).await.map(Reply::from) {
        Ok(Reply::Snapshot { snapshot }) => Some(*snapshot),
        _ => None,
    }
}

/// The parts of the desktop that show something.
struct Shown {
    app: AppHandle,
    notifications: Notifications,
    letters: Letters,
}

impl Shown {
    fn show(&mut self, desk: &mut Desk) {
        let ringing = desk.ringing();
        windows::show_card(&self.app, !ringing.is_empty());
        self.notifications.show(ringing);
        for post in desk.take_post() {
            // Who sits before the window sees it there.
            if matches!(post, Post::Seen(_)) || !windows::main_has_keyboard(&self.app) {
                self.letters.deliver(post);
            }
        }
        tray::show(&self.app, desk.tray());
        self.app.state::<Desktop>().settings.send_if_modified(|settings| {
            let changed = settings != desk.settings();
            if changed {
                settings.clone_from(desk.settings());
            }
            changed
        });
    }
}
