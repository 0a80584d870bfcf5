//! Which devices there are: looked at every two seconds, as there is no word from the system when one is plugged in.

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

use super::{Notice, Reporter, host};
use crate::params::Device;

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
    let mut host = None;
    let mut known = None;
    loop {
        let devices = look(&mut host);
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

/// What is there now. The sound server may have been started or restarted since the last look.
fn look(host: &mut Option<cpal::Host>) -> Vec<Device> {
    for _ in 0..2 {
        if host.is_none() {
            *host = host::open();
        }
        match host.as_ref().map(host::list) {
            Some(Ok(devices)) => return devices,
            Some(Err(error)) => log::debug!("listing sound devices: {error}"),
            None => return Vec::new(),
        }
        *host = None;
    }
    Vec::new()
}
