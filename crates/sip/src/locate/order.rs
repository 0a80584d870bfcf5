//! The order of equals: SRV weights (RFC 2782) and address families (RFC 8305 section 4).

use super::Srv;
use rand_core::RngCore;
use std::net::IpAddr;

/// Sorts by priority; equals are drawn by lot, each as often as its weight says. A weight of zero is drawn hardly ever before
/// others.
pub(super) fn by_priority(mut records: Vec<Srv>, rng: &mut dyn RngCore) -> Vec<Srv> {
    records.sort_by_key(|record| (record.priority, record.weight != 0));
    let mut sorted = Vec::with_capacity(records.len());
    while let Some(priority) = records.first().map(|record| record.priority) {
        let equals = records.iter().take_while(|record| record.priority == priority).count();
        let sum: u64 = records.iter().take(equals).map(|record| u64::from(record.weight)).sum();
        // RFC 2782: a number from zero to the sum, both included; the first record whose running sum reaches it.
        let lot = rng.next_u64() % (sum + 1);
        let mut running = 0;
        let drawn = records.iter().take(equals).position(|record| {
            running += u64::from(record.weight);
            running >= lot
        });
        sorted.push(records.remove(drawn.unwrap_or(0)));
    }
    sorted
}

/// IPv4 and IPv6 in turns, IPv4 first: media follows the family of the signalling, and a broken IPv6 still is the likelier one.
pub(super) fn families(addresses: &[IpAddr]) -> Vec<IpAddr> {
    let (mut v4, mut v6): (Vec<IpAddr>, Vec<IpAddr>) = (Vec::new(), Vec::new());
    for address in addresses {
        let family = if address.is_ipv4() { &mut v4 } else { &mut v6 };
        if !family.contains(address) {
            family.push(*address);
        }
    }
    let longest = v4.len().max(v6.len());
    let turn = |at: usize| [v4.get(at).copied(), v6.get(at).copied()];
    (0..longest).flat_map(turn).flatten().collect()
}
