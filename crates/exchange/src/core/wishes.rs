//! What the lines want of the rest of the exchange.
use super::Core;
use crate::lines::{CallKey, Wish};
use crate::proxy::{Up, Upstream};
use parley_sip::{Request, Uri};
use std::time::Instant;

impl Core {
    pub(super) fn grant(&mut self, now: Instant, wishes: Vec<Wish>) {
        for wish in wishes {
            match wish {
                Wish::Call { key, target, request } => self.call_for_line(now, key, &target, *request),
                Wish::GiveUp(key) => {
                    if let Some(fork) = self.forks.iter_mut().find(|fork| fork.upstream == Upstream::Line(key)) {
                        fork.cancel(now, &mut self.wire, None);
                    }
                }
                Wish::PassOn {
                    key,
                    from,
                    request,
                    target,
                    replaces,
                } => self.pass_to_caller(now, (key, from), *request, &replaces, *target),
                Wish::Recorded(user) if self.registrar.has(&user) => self.events.recorded(&user),
                Wish::Heard(user) if self.registrar.has(&user) => self.events.heard(&user),
                Wish::Recorded(_) | Wish::Heard(_) => {}
                Wish::Stir => self.lines.stir(now, &mut self.wire),
                Wish::Show(shown) => self.events.show(now, *shown),
                Wish::Hide(call_id) => self.events.hide(now, &call_id),
            }
        }
    }

    fn call_for_line(&mut self, now: Instant, key: CallKey, target: &Uri, request: Request) {
        let upstream = Upstream::Line(key);
        let callee = target.user().filter(|user| self.registrar.has(user));
        self.events.invited(now, &request, None, [None, callee]);
        match self.targets(now, target) {
            Some(targets) => self.fork(now, upstream, request, targets),
            None => {
                let response = request.respond(404, Some("exchange"));
                let up = Up {
                    upstream,
                    from: None,
                    response,
                };
                self.up(now, &up);
            }
        }
    }
}
