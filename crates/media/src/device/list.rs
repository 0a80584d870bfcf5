//! Which devices there are: looked at every two seconds, as there is no word from the system when one is plugged in.

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

use super::{Notice, Reporter, host};

const EVERY: Duration = Duration::from_secs(2);

/// Starts to watch; dropping the sender ends it.
pub(super) fn watch(reporter: Reporter) -> std::io::Result<Sender<()>> {
    let (alive, ended) = channel();
    std::thread::Builder::new()
        .name("parley-devices".to_owned())
        .spawn(move || run(&reporter, &ended))?;
    Ok(alive)
}

fn run(reporter: &Reporter, ended: &Receiver<()>) {
    let mut host = host::open();
    let mut known = None;
    loop {
        let devices = host::list(&host).unwrap_or_else(|error| {
            // The sound server may have restarted: ask anew, now and at the next look.
            log::debug!("listing sound devices: {error}");
            host = host::open();
            host::list(&host).unwrap_or_default()
        });
        if known.as_ref() != Some(&devices) {
            known = Some(devices.clone());
            if !reporter.tell(Notice::Devices(devices)) {
                return;
            }
        }
        if ended.recv_timeout(EVERY) != Err(RecvTimeoutError::Timeout) {
            return;
        }
    }
}
