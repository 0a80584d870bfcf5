//! The handle fronts hold.
use crate::edge::Actor;
use crate::{Config, Event, Refusal, RefusalCode, Reply, Request, StartError};
use tokio::sync::{broadcast, mpsc, oneshot};

/// How many events a slow front may fall behind before it has to take a new snapshot.
const EVENTS_KEPT: usize = 1024;

/// A running engine. Clones speak to the same one; it stops at `shutdown`, or when the last clone is gone.
#[derive(Clone)]
pub struct Engine {
    asks: mpsc::UnboundedSender<Ask>,
    events: broadcast::Sender<Event>,
}

/// What a handle tells the actor.
#[allow(clippy::large_enum_variant, reason = "moved once")]
pub(crate) enum Ask {
    /// A wish and where its answer goes.
    Wish(Request, oneshot::Sender<Result<Reply, Refusal>>),
    /// Text for the dial field of every front.
    Prefill(String),
    /// Un-register, end calls, stop; said when done.
    Shutdown(oneshot::Sender<()>),
}

impl Engine {
    /// Starts the engine on threads of its own; it may be called inside or outside a tokio runtime.
    ///
    /// # Errors
    /// When `listen` cannot be bound or no thread can be started. A database that does not open, a missing keyring and a missing
    /// sound card are notices, not errors: calls go on.
    pub fn start(config: Config) -> Result<Self, StartError> {
        let (asks, inbox) = mpsc::unbounded_channel();
        let (events, _) = broadcast::channel(EVENTS_KEPT);
        let (started, ready) = std::sync::mpsc::channel();
        let to_fronts = events.clone();
        let run = move || {
            // One thread for the sockets and the actor: between a datagram and its answer nobody has to be woken.
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            let runtime = match runtime {
                Ok(runtime) => runtime,
                Err(why) => return drop(started.send(Err(StartError::Threads(why)))),
            };
            runtime.block_on(async move {
                match Actor::new(config, to_fronts) {
                    Ok(actor) => {
                        let _ = started.send(Ok(()));
                        actor.run(inbox).await;
                    }
                    Err(why) => drop(started.send(Err(why))),
                }
            });
            // A look-up of a name may hang in the system for a while; nobody waits for it.
            runtime.shutdown_background();
        };
        let thread = std::thread::Builder::new().name("parley-engine".to_owned());
        thread.spawn(run).map_err(StartError::Threads)?;
        let stopped_early = || StartError::Threads(std::io::Error::other("the engine stopped at once"));
        ready.recv().unwrap_or_else(|_| Err(stopped_early()))?;
        Ok(Self { asks, events })
    }

    /// Asks for something. The future is free of any runtime.
    pub fn request(&self, request: Request) -> impl Future<Output = Result<Reply, Refusal>> + Send + use<> {
        let (answer, answered) = oneshot::channel();
        let sent = self.asks.send(Ask::Wish(request, answer));
        async move {
            if sent.is_err() {
                return Err(stopped());
            }
            answered.await.unwrap_or_else(|_| Err(stopped()))
        }
    }

    /// Follows the event stream. Subscribe first, then take a snapshot: updates with `seq` up to the snapshot's are already in it.
    pub fn subscribe(&self) -> broadcast::Receiver<Event> {
        self.events.subscribe()
    }

    /// Puts text of a link or of a second start into the dial field of every front. Nothing is dialled.
    pub fn prefill(&self, target: impl Into<String>) {
        let _ = self.asks.send(Ask::Prefill(target.into()));
    }

    /// Ends calls, un-registers (two seconds at most) and stops. Asking again is fine.
    pub async fn shutdown(&self) {
        let (done, stopped) = oneshot::channel();
        if self.asks.send(Ask::Shutdown(done)).is_ok() {
            let _ = stopped.await;
        }
    }
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Engine")
    }
}

fn stopped() -> Refusal {
    Refusal::new(RefusalCode::Internal, "Parley is closing.")
}
