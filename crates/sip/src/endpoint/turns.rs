//! Requests of ours in one dialog go one after the other: of two datagrams under way at once the second may arrive first,
//! and the far end must refuse the first then for its lower CSeq (RFC 3261 section 12.2.2).
//!
//! A request holds the turn until it is answered; a re-INVITE only until anything is heard of it, because its answer may
//! take as long as a person thinks. ACK and BYE wait for nobody.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::flow::Way;
use super::request::{Outgoing, Purpose, first_step};
use super::timers::Alarm;
use super::{Endpoint, SessionId, TransportError};

/// How long a far end may hold up everything else by answering nothing.
const LONGEST: Duration = Duration::from_secs(4);
/// Requests that wait in one dialog.
const MOST_WAITING: usize = 16;

/// One dialog: the call and the far end's tag.
pub(super) type Line = (SessionId, String);

/// Who may send in a dialog, and who waits.
#[derive(Debug)]
pub(super) struct Turn {
    holder: u64,
    waiting: VecDeque<Outgoing>,
}

/// The right to send: given back when the request is dealt with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Ticket {
    line: Line,
    number: u64,
}

impl Endpoint {
    /// Sends a request in a dialog as soon as it is its turn.
    pub(super) fn dispatch_in_turn(&mut self, now: Instant, way: Option<Way>, mut outgoing: Outgoing) {
        let Some(line) = line_of(&outgoing) else {
            return self.dispatch(now, way, outgoing);
        };
        let flow = self.sessions.get(&line.0).and_then(|session| session.flow());
        outgoing.in_home_call = self.leads_home(outgoing.account, flow);
        let number = self.new_id();
        outgoing.turn = Some(Ticket {
            line: line.clone(),
            number,
        });
        match self.turns.get_mut(&line) {
            Some(turn) if turn.waiting.len() < MOST_WAITING => turn.waiting.push_back(outgoing),
            Some(_) => self.failed(now, outgoing, Some(TransportError::Unreachable)),
            None => {
                let turn = Turn {
                    holder: number,
                    waiting: VecDeque::new(),
                };
                self.alarms.set(Alarm::TurnOver(line.0), now + LONGEST);
                self.turns.insert(line, turn);
                self.dispatch(now, way, outgoing);
            }
        }
    }

    /// A request is dealt with, or need not be waited for: the next one goes.
    pub(super) fn turn_over(&mut self, now: Instant, ticket: Option<Ticket>) {
        let Some(Ticket { line, number }) = ticket else { return };
        let Some(turn) = self.turns.get_mut(&line).filter(|turn| turn.holder == number) else {
            return;
        };
        let mut waiting = std::mem::take(&mut turn.waiting);
        let next = loop {
            match waiting.pop_front() {
                Some(next) if self.is_stale(&next.purpose) => {}
                other => break other,
            }
        };
        let Some(mut next) = next else {
            self.turns.remove(&line);
            return;
        };
        let holder = next.turn.as_ref().map_or(0, |ticket| ticket.number);
        let after = waiting.len();
        self.turns.insert(line.clone(), Turn { holder, waiting });
        self.alarms.set(Alarm::TurnOver(line.0), now + LONGEST);
        if !self.is_numbered(&line, &next, after) {
            self.renumber(&mut next);
        }
        let flow = self.sessions.get(&line.0).and_then(|session| session.flow());
        let way = self.way_to(next.account, &first_step(&next.request), flow);
        self.dispatch(now, way, next);
    }

    /// Whether nothing took a CSeq number since this request, and the `after` behind it, were given theirs: one that was sent
    /// again with credentials does.
    fn is_numbered(&mut self, line: &Line, next: &Outgoing, after: usize) -> bool {
        let number = next.request.headers.cseq().map_or(0, |cseq| cseq.number);
        let last = self.dialog_of_request(line.0, &line.1).map(|dialog| dialog.local_cseq);
        last.is_some_and(|last| usize::try_from(last.saturating_sub(number)) == Ok(after))
    }

    /// Somebody has waited for long enough.
    pub(super) fn turns_over(&mut self, now: Instant, session: SessionId) {
        let lines = self.turns.iter().filter(|((id, _), _)| *id == session);
        let tickets: Vec<_> = lines
            .map(|(line, turn)| Ticket {
                line: line.clone(),
                number: turn.holder,
            })
            .collect();
        for ticket in tickets {
            self.turn_over(now, Some(ticket));
        }
    }
}

fn line_of(outgoing: &Outgoing) -> Option<Line> {
    let session = match &outgoing.purpose {
        Purpose::Reinvite(session)
        | Purpose::Refer(session)
        | Purpose::Info(session)
        | Purpose::Refresh(session)
        | Purpose::Report { session, .. }
        | Purpose::Prack { session, .. }
        | Purpose::Update { session, .. } => *session,
        _ => return None,
    };
    let to = outgoing.request.headers.to()?;
    Some((session, to.tag().unwrap_or_default().to_owned()))
}
