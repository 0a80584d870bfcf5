//! From the first line to the last.
use crate::config::Start;
use crate::line::{Asked, Line, Said};
use crate::{input, output, practice};
use parley_api::Reply;
use parley_engine::Engine;
use std::time::Duration;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

/// Un-registering waits for servers, a reader may not read: nobody waits longer than this for the end.
const LONGEST_GOODBYE: Duration = Duration::from_secs(4);

/// Runs until stdin ends (unless `stay`), a `quit`, or a signal.
///
/// # Errors
/// A sentence, when it could not start.
pub async fn run(start: Start, stay: bool) -> Result<(), String> {
    let Start { mut engine, practice } = start;
    let exchange = if practice {
        Some(practice::start(&mut engine)?)
    } else {
        None
    };
    let (version, practice) = (engine.version.clone(), engine.practice);
    let engine = Engine::start(engine).map_err(|why| why.to_string())?;
    let (said, answers) = unbounded_channel();
    let _ = said.send(Said::ready(&version, practice));
    let mut written = tokio::spawn(output::write(answers, engine.subscribe()));
    let mut lines = input::start().map_err(|why| format!("The system refused to start a thread: {why}."))?;
    let mut listening = true;
    loop {
        tokio::select! {
            line = lines.recv(), if listening => match line {
                Some(line) => {
                    if obey(&engine, &said, line) {
                        break;
                    }
                }
                None if stay => listening = false,
                None => break,
            },
            () = asked_to_end() => break,
            // Nobody reads any more, so nobody can be told of a call.
            _ = &mut written => break,
        }
    }
    let goodbye = async {
        engine.shutdown().await;
        // The writer ends when nobody can say any more; how the calls ended is written by then.
        drop(said);
        if !written.is_finished() {
            let _ = written.await;
        }
    };
    if tokio::time::timeout(LONGEST_GOODBYE, goodbye).await.is_err() {
        log::warn!("not everybody said goodbye in time");
    }
    drop(exchange);
    Ok(())
}

/// Hands a request on; true for the last one.
fn obey(engine: &Engine, said: &UnboundedSender<Said>, line: Line) -> bool {
    let Line { id, asked } = line;
    match asked {
        Ok(Asked::Engine(request)) => {
            // The engine has it now, in the order of the lines; the answer may overtake others.
            let answer = engine.request((*request).into());
            let said = said.clone();
            tokio::spawn(async move {
                let answer = answer.await.map(Into::into).map_err(Into::into);
                let _ = said.send(Said::answer(id, answer));
            });
            false
        }
        Ok(Asked::Quit) => {
            let _ = said.send(Said::answer(id, Ok(Reply::Done)));
            true
        }
        Err(error) => {
            let _ = said.send(Said::answer(id, Err(error)));
            false
        }
    }
}

#[cfg(unix)]
async fn asked_to_end() {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut term), Ok(mut int)) = (signal(SignalKind::terminate()), signal(SignalKind::interrupt())) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = term.recv() => (),
        _ = int.recv() => (),
    }
}

#[cfg(not(unix))]
async fn asked_to_end() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending().await
    }
}
