//! Requests and responses (RFC 3261 section 7).

use crate::{CSeq, Headers, Method, StatusCode, Uri, multipart, sdp, status};

/// A request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// The Request-URI.
    pub uri: Uri,
    /// The header fields; Content-Length is printed from the body.
    pub headers: Headers,
    /// The body.
    pub body: Vec<u8>,
}

/// A response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// The status.
    pub status: StatusCode,
    /// The reason phrase as received, or the usual one.
    pub reason: String,
    /// The header fields; Content-Length is printed from the body.
    pub headers: Headers,
    /// The body.
    pub body: Vec<u8>,
}

/// A message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    /// A request.
    Request(Request),
    /// A response.
    Response(Response),
}

impl Request {
    /// The session description in the body, also where it is one part of several (RFC 5621); undecoded.
    pub fn sdp(&self) -> Option<&[u8]> {
        multipart::find(&self.headers, &self.body, sdp::CONTENT_TYPE)
    }

    /// The body if it is of this media type, or the first part of it that is; undecoded.
    pub fn part(&self, media_type: &str) -> Option<&[u8]> {
        multipart::find(&self.headers, &self.body, media_type)
    }

    /// A request without header fields and body.
    pub fn new(method: Method, uri: impl Into<Uri>) -> Request {
        Request {
            method,
            uri: uri.into(),
            headers: Headers::new(),
            body: Vec::new(),
        }
    }

    /// Sets body and Content-Type.
    pub fn set_body(&mut self, content_type: &str, body: Vec<u8>) {
        self.headers.set("Content-Type", content_type);
        self.body = body;
    }

    /// The bytes for the wire.
    pub fn to_bytes(&self) -> Vec<u8> {
        print(
            &format!("{} {} SIP/2.0", self.method, self.uri),
            &self.headers,
            &self.body,
        )
    }

    /// A response to this request (RFC 3261 section 8.2.6.2): Via, From, To, Call-ID, CSeq copied as received, and Record-Route
    /// where the response makes a dialog; `to_tag` is added where To has none and the code is not 100.
    pub fn respond(&self, code: u16, to_tag: Option<&str>) -> Response {
        let mut response = Response::new(code);
        response.headers = echo(&self.headers, to_tag.filter(|_| code != 100));
        let makes_dialog = matches!(
            self.method,
            Method::Invite | Method::Subscribe | Method::Refer | Method::Notify
        );
        if makes_dialog && (101..300).contains(&code) {
            copy(&self.headers, &mut response.headers, "Record-Route");
        }
        if code == 100 {
            copy(&self.headers, &mut response.headers, "Timestamp");
        }
        response
    }
}

impl Response {
    /// The session description in the body, also where it is one part of several (RFC 5621); undecoded.
    pub fn sdp(&self) -> Option<&[u8]> {
        multipart::find(&self.headers, &self.body, sdp::CONTENT_TYPE)
    }

    /// A response without header fields and body, with the usual reason phrase.
    pub fn new(code: u16) -> Response {
        Response {
            status: status(code),
            reason: crate::reason_phrase(code).to_owned(),
            headers: Headers::new(),
            body: Vec::new(),
        }
    }

    /// The status code.
    pub fn code(&self) -> u16 {
        self.status.code()
    }

    /// Sets body and Content-Type.
    pub fn set_body(&mut self, content_type: &str, body: Vec<u8>) {
        self.headers.set("Content-Type", content_type);
        self.body = body;
    }

    /// The bytes for the wire.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut line = format!("SIP/2.0 {} ", self.code().clamp(100, 699));
        // Writing into a String cannot fail.
        let _ = crate::print::text(&mut line, &self.reason);
        print(&line, &self.headers, &self.body)
    }
}

impl Message {
    /// The header fields.
    pub fn headers(&self) -> &Headers {
        match self {
            Message::Request(request) => &request.headers,
            Message::Response(response) => &response.headers,
        }
    }

    /// The header fields, to change them.
    pub fn headers_mut(&mut self) -> &mut Headers {
        match self {
            Message::Request(request) => &mut request.headers,
            Message::Response(response) => &mut response.headers,
        }
    }

    /// The body.
    pub fn body(&self) -> &[u8] {
        match self {
            Message::Request(request) => &request.body,
            Message::Response(response) => &response.body,
        }
    }

    /// The CSeq value; always there after [`crate::parse`].
    pub fn cseq(&self) -> Option<CSeq> {
        self.headers().cseq()
    }

    /// The session description in the body, also where it is one part of several (RFC 5621); undecoded.
    pub fn sdp(&self) -> Option<&[u8]> {
        multipart::find(self.headers(), self.body(), sdp::CONTENT_TYPE)
    }

    /// The bytes for the wire.
    pub fn to_bytes(&self) -> Vec<u8> {
        match self {
            Message::Request(request) => request.to_bytes(),
            Message::Response(response) => response.to_bytes(),
        }
    }
}

impl From<Request> for Message {
    fn from(request: Request) -> Message {
        Message::Request(request)
    }
}

impl From<Response> for Message {
    fn from(response: Response) -> Message {
        Message::Response(response)
    }
}

/// The fields of a request that its response repeats, values as received. A tag goes after the other parameters of To,
/// which is where it belongs with and without `<>`.
pub(crate) fn echo(request: &Headers, to_tag: Option<&str>) -> Headers {
    let mut headers = Headers::new();
    copy(request, &mut headers, "Via");
    copy(request, &mut headers, "From");
    if let Some(to) = request.get("To") {
        let has_tag = request.to().is_some_and(|to| to.params.has("tag"));
        match to_tag.filter(|_| !has_tag) {
            Some(tag) => headers.push("To", format!("{to};tag={tag}")),
            None => headers.push("To", to),
        }
    }
    copy(request, &mut headers, "Call-ID");
    copy(request, &mut headers, "CSeq");
    headers
}

fn copy(from: &Headers, to: &mut Headers, name: &'static str) {
    from.get_all(name).for_each(|value| to.push(name, value));
}

fn print(start_line: &str, headers: &Headers, body: &[u8]) -> Vec<u8> {
    let mut text = String::with_capacity(512);
    // Writing into a String cannot fail.
    let _ = crate::print::text(&mut text, start_line);
    text.push_str("\r\n");
    let _ = headers.print(&mut text);
    text.push_str(&format!("Content-Length: {}\r\n\r\n", body.len()));
    let mut bytes = text.into_bytes();
    bytes.extend_from_slice(body);
    bytes
}
