//! Which devices there are: looked at again and again, as there is no word from the system when one is plugged in.

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

use super::{Notice, Reporter, host};
use crate::params::Device;

/// How often is looked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pace {
    /// Nothing sounds.
    Idle,
    /// A device is in use: that it goes or comes has to be noticed while its user still wonders.
    InUse,
}

impl Pace {
    fn every(self) -> Duration {
        match self {
            Pace::Idle => Duration::from_secs(2),
            Pace::InUse => Duration::from_millis(400),
        }
    }
}

/// Starts to watch; dropping the sender ends it.
pub(super) fn watch(reporter: Reporter) -> std::io::Result<Sender<Pace>> {
    let (alive, paces) = channel();
    std::thread::Builder::new()
        .name("parley-devices".to_owned())
        .spawn(move || run(&reporter, &paces))?;
    Ok(alive)
}

fn run(reporter: &Reporter, paces: &Receiver<Pace>) {
    let mut host = None;
    let mut known = None;
    let mut pace = Pace::Idle;
    loop {
        let devices = look(&mut host);
        if known.as_ref() != Some(&devices) {
            known = Some(devices.clone());
            if !reporter.tell(Notice::Devices(devices)) {
                return;
            }
        }
        match paces.recv_timeout(pace.every()) {
            Ok(other) => pace = paces.try_iter().last().unwrap_or(other),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
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
