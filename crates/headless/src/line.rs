//! One line in, one line out.
use parley_api::{ApiError, ErrorCode, Event, Reply, Request};
use serde::Serialize;
use serde_json::Value;

/// What a line on stdin asks for.
#[derive(Debug, PartialEq)]
pub enum Asked {
    /// Something of the engine.
    Engine(Box<Request>),
    /// The end.
    Quit,
}

/// A line on stdin: what it asks for, or why it cannot be understood, and the number its answer carries.
#[derive(Debug, PartialEq)]
pub struct Line {
    /// Any JSON value; it is given back as it came.
    pub id: Option<Value>,
    /// The wish.
    pub asked: Result<Asked, ApiError>,
}

/// A line on stdout.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Said {
    /// The `id` of the request this answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<Value>,
    #[serde(flatten)]
    word: Word,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
enum Word {
    Ready { version: String, practice: bool },
    Reply(Reply),
    Error(ApiError),
    Event(Event),
}

impl Line {
    /// Reads a line: `{"id": …, "request": {…}}`, or a bare `{"type": …}`.
    pub fn read(text: &str) -> Self {
        let mut value: Value = match serde_json::from_str(text) {
            Ok(value) => value,
            Err(why) => {
                return Self {
                    id: None,
                    asked: Err(invalid(format!("This line is no JSON: {why}."))),
                };
            }
        };
        let bare = value.get("type").is_some();
        let id = value.as_object_mut().and_then(|object| object.remove("id"));
        let request = if bare {
            Some(value)
        } else {
            value.as_object_mut().and_then(|object| object.remove("request"))
        };
        let asked = match request {
            Some(request) => asked(request),
            None => Err(invalid(
                r#"A line is {"id": 1, "request": {"type": …}}; docs/headless.md lists the types."#.to_owned(),
            )),
        };
        Self { id, asked }
    }
}

fn asked(request: Value) -> Result<Asked, ApiError> {
    if request.get("type").and_then(Value::as_str) == Some("quit") {
        return Ok(Asked::Quit);
    }
    match serde_json::from_value(request) {
        Ok(request) => Ok(Asked::Engine(Box::new(request))),
        Err(why) => Err(invalid(format!("This request is not understood: {why}."))),
    }
}

impl Said {
    /// The first line.
    pub fn ready(version: &str, practice: bool) -> Self {
        Self {
            id: None,
            word: Word::Ready {
                version: version.to_owned(),
                practice,
            },
        }
    }

    /// The answer to a request.
    pub fn answer(id: Option<Value>, answer: Result<Reply, ApiError>) -> Self {
        let word = match answer {
            Ok(reply) => Word::Reply(reply),
            Err(error) => Word::Error(error),
        };
        Self { id, word }
    }

    /// What the engine says by itself.
    pub fn event(event: Event) -> Self {
        Self {
            id: None,
            word: Word::Event(event),
        }
    }

    /// As a line, its end included.
    pub fn to_line(&self) -> String {
        let mut line = serde_json::to_string(self).unwrap_or_else(|why| {
            log::error!("a message could not be written: {why}");
            r#"{"error":{"code":"internal","message":"A message could not be written."}}"#.to_owned()
        });
        line.push('\n');
        line
    }
}

fn invalid(message: String) -> ApiError {
    ApiError {
        code: ErrorCode::Invalid,
        message,
        field: None,
    }
}

/// The refusal of a line longer than any request.
pub fn too_long() -> ApiError {
    invalid("This line is too long for a request.".to_owned())
}

#[cfg(test)]
mod tests {
    use super::{Asked, Line, Said};
    use parley_api::{Reply, Request};
    use serde_json::{Value, json};

    fn dial() -> Asked {
        Asked::Engine(Box::new(Request::Dial {
            target: "600".into(),
            account: None,
            anonymous: None,
        }))
    }

    #[test]
    fn a_request_keeps_its_id_of_any_kind() {
        let line = Line::read(r#"{"id": "a-1", "request": {"type": "dial", "target": "600"}}"#);
        assert_eq!(
            line,
            Line {
                id: Some(json!("a-1")),
                asked: Ok(dial())
            }
        );
    }

    #[test]
    fn a_bare_request_is_understood_too() {
        assert_eq!(
            Line::read(r#"{"type": "dial", "target": "600"}"#),
            Line {
                id: None,
                asked: Ok(dial())
            }
        );
        assert_eq!(
            Line::read(r#"{"id": 4, "type": "dial", "target": "600"}"#).id,
            Some(json!(4))
        );
    }

    #[test]
    fn quit_is_understood_in_both_forms() {
        assert_eq!(Line::read(r#"{"type": "quit"}"#).asked, Ok(Asked::Quit));
        assert_eq!(
            Line::read(r#"{"id": 9, "request": {"type": "quit"}}"#),
            Line {
                id: Some(json!(9)),
                asked: Ok(Asked::Quit)
            }
        );
    }

    #[test]
    fn what_is_wrong_is_said_with_the_id_where_there_is_one() {
        for (text, id, part) in [
            ("{", None, "no JSON"),
            ("[]", None, "A line is"),
            (r#"{"id": 1}"#, Some(json!(1)), "A line is"),
            (r#"{"id": 2, "request": {"type": "dail"}}"#, Some(json!(2)), "dail"),
            (r#"{"id": 3, "request": {"type": "dial"}}"#, Some(json!(3)), "target"),
            (
                r#"{"id": 3, "request": {"type": "hang_up", "call": -1}}"#,
                Some(json!(3)),
                "-1",
            ),
        ] {
            let line = Line::read(text);
            assert_eq!(line.id, id, "{text}");
            let error = line.asked.unwrap_err();
            assert!(error.message.contains(part), "{text}: {}", error.message);
        }
    }

    #[test]
    fn each_kind_of_line_out_has_its_one_key() {
        let parsed = |said: Said| serde_json::from_str::<Value>(&said.to_line()).unwrap();
        assert_eq!(
            parsed(Said::ready("1.0", true)),
            json!({"ready": {"version": "1.0", "practice": true}})
        );
        assert_eq!(
            parsed(Said::answer(Some(json!(1)), Ok(Reply::Done))),
            json!({"id": 1, "reply": {"type": "done"}})
        );
        assert_eq!(
            parsed(Said::answer(None, Err(super::too_long())))["error"]["code"],
            "invalid"
        );
        let levels = parley_api::Event::Levels {
            microphone: 0.5,
            speaker: 0.0,
        };
        assert_eq!(
            parsed(Said::event(levels)),
            json!({"event": {"type": "levels", "microphone": 0.5, "speaker": 0.0}})
        );
        assert_eq!(Said::ready("1.0", true).to_line().matches('\n').count(), 1);
    }
}
