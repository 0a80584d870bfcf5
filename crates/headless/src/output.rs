//! Lines to stdout.
use crate::line::Said;
use parley_api::Event;
use tokio::io::AsyncWriteExt;
use tokio::sync::broadcast::{Receiver, error::RecvError};
use tokio::sync::mpsc::UnboundedReceiver;

/// Writes answers and events until nobody can say any more, or nobody listens.
///
/// A reader that is slow makes the engine's events wait; when too many wait, old ones are dropped and the reader sees the gap
/// in `seq`. Answers are never dropped.
pub async fn write(mut answers: UnboundedReceiver<Said>, mut events: Receiver<parley_engine::Event>) {
    let mut stdout = tokio::io::stdout();
    let mut engine_speaks = true;
    loop {
        let said = tokio::select! {
            biased;
            event = events.recv(), if engine_speaks => match event {
                Ok(event) => Said::event(Event::from(event)),
                Err(RecvError::Lagged(missed)) => {
                    log::warn!("stdout is read too slowly: {missed} events dropped");
                    continue;
                }
                Err(RecvError::Closed) => {
                    engine_speaks = false;
                    continue;
                }
            },
            answer = answers.recv() => match answer {
                Some(said) => said,
                None => break,
            },
        };
        let line = said.to_line();
        if stdout.write_all(line.as_bytes()).await.is_err() || stdout.flush().await.is_err() {
            return;
        }
    }
    // The last words: how the calls ended.
    while let Ok(event) = events.try_recv() {
        if stdout
            .write_all(Said::event(Event::from(event)).to_line().as_bytes())
            .await
            .is_err()
        {
            return;
        }
    }
    let _ = stdout.flush().await;
}
