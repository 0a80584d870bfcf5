//! The transaction layer by itself: the rows of its tables (RFC 3261 section 17, RFC 6026), in virtual time.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::time::{Duration, Instant};

use parley_sip::endpoint::{Flow, FlowId};
use parley_sip::transaction::{ClientKey, Happening, Layer, Limits, ServerKey};
use parley_sip::{CSeq, HostPort, Message, Method, Request, Transport, Via, parse};

/// The layer and its clock; what happens is written down as words.
struct Bench {
    layer: Layer,
    start: Instant,
    now: Instant,
    flow: Flow,
    said: Vec<String>,
    sent: Vec<Vec<u8>>,
    server: Option<ServerKey>,
}

impl Bench {
    fn over(transport: Transport) -> Self {
        let now = Instant::now();
        let flow = Flow {
            id: FlowId(1),
            transport,
            local: "10.0.0.1:5060".parse().unwrap(),
            remote: "10.0.0.2:5060".parse().unwrap(),
        };
        Self {
            layer: Layer::new(Limits::default()),
            start: now,
            now,
            flow,
            said: Vec::new(),
            sent: Vec::new(),
            server: None,
        }
    }

    fn note(&mut self) {
        while let Some(happening) = self.layer.poll() {
            let at = (self.now - self.start).as_millis();
            let word = match happening {
                Happening::Send { bytes, .. } => {
                    let word = match parse(&bytes).unwrap() {
                        Message::Request(request) => request.method.to_string(),
                        Message::Response(response) => response.code().to_string(),
                    };
                    self.sent.push(bytes);
                    format!("send {word}")
                }
                Happening::Request {
                    key, request, cancels, ..
                } => {
                    self.server = Some(key);
                    format!(
                        "request {}{}",
                        request.method,
                        if cancels.is_some() { " of ours" } else { "" }
                    )
                }
                Happening::Ack { .. } => "ack".into(),
                Happening::Response { response, .. } => format!("response {}", response.code()),
                Happening::TimedOut { .. } => "timed out".into(),
                Happening::Broken { .. } => "broken".into(),
                Happening::Ended { .. } => "ended".into(),
                Happening::Unacknowledged { .. } => "unacknowledged".into(),
                Happening::Stranded { to, .. } => format!("stranded {to}"),
            };
            self.said.push(format!("{at} {word}"));
        }
    }

    fn pass(&mut self, time: Duration) {
        let until = self.now + time;
        while let Some(at) = self.layer.next_wake().filter(|at| *at <= until) {
            self.now = at.max(self.now);
            self.layer.wake(self.now);
            self.note();
        }
        self.now = until;
    }

    fn send(&mut self, method: Method) -> (ClientKey, Request) {
        let key = self
            .layer
            .send_request(self.now, &self.flow, bare(method), "z9hG4bKours".into());
        self.note();
        (key, self.layer.request(key).unwrap().clone())
    }

    fn answer(&mut self, request: &Request, code: u16) {
        let bytes = request.respond(code, Some("far")).to_bytes();
        self.layer.receive(self.now, self.flow, &bytes).unwrap();
        self.note();
    }

    fn hear(&mut self, request: &Request) {
        self.layer.receive(self.now, self.flow, &request.to_bytes()).unwrap();
        self.note();
    }

    fn respond(&mut self, request: &Request, code: u16) -> bool {
        let done = self
            .layer
            .respond(self.now, self.server.unwrap(), &request.respond(code, Some("near")));
        self.note();
        done
    }

    fn said(&mut self) -> Vec<String> {
        std::mem::take(&mut self.said)
    }
}

fn bare(method: Method) -> Request {
    let mut request = Request::new(method.clone(), "sip:b@10.0.0.2".parse::<parley_sip::Uri>().unwrap());
    request.headers.push("Max-Forwards", 70);
    request.headers.push("From", "<sip:a@10.0.0.1>;tag=near");
    request.headers.push("To", "<sip:b@10.0.0.2>");
    request.headers.push("Call-ID", "c1");
    request.headers.push("CSeq", CSeq::new(1, method));
    request
}

fn theirs(method: Method, branch: &str) -> Request {
    let mut request = bare(method);
    let via = Via::new(Transport::Udp, HostPort::parse("10.0.0.2").unwrap(), branch);
    request.headers.push_front("Via", via);
    request
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

#[test]
fn invite_client_repeats_by_timer_a_and_times_out_by_timer_b() {
    let mut bench = Bench::over(Transport::Udp);
    bench.send(Method::Invite);
    bench.pass(seconds(40));
    assert_eq!(
        bench.said(),
        [
            "0 send INVITE",
            "500 send INVITE",
            "1500 send INVITE",
            "3500 send INVITE",
            "7500 send INVITE",
            "15500 send INVITE",
            "31500 send INVITE",
            "32000 timed out",
            "32000 ended"
        ]
    );
}

#[test]
fn other_client_repeats_by_timer_e_and_times_out_by_timer_f() {
    let mut bench = Bench::over(Transport::Udp);
    bench.send(Method::Options);
    bench.pass(seconds(12));
    assert_eq!(
        bench.said(),
        [
            "0 send OPTIONS",
            "500 send OPTIONS",
            "1500 send OPTIONS",
            "3500 send OPTIONS",
            "7500 send OPTIONS",
            "11500 send OPTIONS"
        ]
    );
    bench.pass(seconds(30));
    assert_eq!(bench.said().last().unwrap(), "32000 ended");
}

#[test]
fn a_provisional_answer_slows_the_repetition_of_other_requests_to_t2() {
    let mut bench = Bench::over(Transport::Udp);
    let (_, request) = bench.send(Method::Options);
    bench.answer(&request, 100);
    bench.said();
    bench.pass(seconds(9));
    assert_eq!(
        bench.said(),
        ["500 send OPTIONS", "4500 send OPTIONS", "8500 send OPTIONS"]
    );
}

#[test]
fn over_a_stream_nothing_repeats_and_the_time_out_stays() {
    let mut bench = Bench::over(Transport::Tcp);
    bench.send(Method::Invite);
    bench.pass(seconds(40));
    assert_eq!(bench.said(), ["0 send INVITE", "32000 timed out", "32000 ended"]);
}

#[test]
fn a_refused_invite_is_acknowledged_again_and_again_until_timer_d() {
    let mut bench = Bench::over(Transport::Udp);
    let (_, invite) = bench.send(Method::Invite);
    bench.answer(&invite, 486);
    bench.answer(&invite, 486);
    assert_eq!(
        bench.said(),
        ["0 send INVITE", "0 send ACK", "0 response 486", "0 send ACK"]
    );
    let Message::Request(ack) = parse(bench.sent.last().unwrap()).unwrap() else {
        panic!("no request")
    };
    assert_eq!(ack.headers.via(), invite.headers.via());
    assert_eq!(ack.headers.to().unwrap().tag(), Some("far"));
    bench.pass(seconds(32));
    assert_eq!(bench.said(), ["32000 ended"]);
}

#[test]
fn every_2xx_to_an_invite_is_passed_up_until_timer_m() {
    let mut bench = Bench::over(Transport::Udp);
    let (_, invite) = bench.send(Method::Invite);
    bench.answer(&invite, 200);
    bench.answer(&invite, 200);
    bench.answer(&invite, 486);
    assert_eq!(bench.said(), ["0 send INVITE", "0 response 200", "0 response 200"]);
    bench.pass(seconds(33));
    bench.answer(&invite, 200);
    assert_eq!(bench.said(), ["32000 ended"]);
}

#[test]
fn other_answers_are_passed_up_once() {
    let mut bench = Bench::over(Transport::Udp);
    let (_, request) = bench.send(Method::Options);
    bench.answer(&request, 200);
    bench.answer(&request, 200);
    bench.pass(seconds(6));
    assert_eq!(bench.said(), ["0 send OPTIONS", "0 response 200", "5000 ended"]);
}

#[test]
fn an_answer_for_another_branch_or_method_is_nobodys() {
    let mut bench = Bench::over(Transport::Udp);
    let (_, request) = bench.send(Method::Options);
    let mut other = request.clone();
    other.headers.set(
        "Via",
        Via::new(Transport::Udp, HostPort::parse("10.0.0.1").unwrap(), "z9hG4bKother"),
    );
    bench.answer(&other, 200);
    let mut method = request.clone();
    method.headers.set("CSeq", "1 INFO");
    bench.answer(&method, 200);
    assert_eq!(bench.said(), ["0 send OPTIONS"]);
}

#[test]
fn an_invite_can_be_cancelled_only_between_the_first_and_the_final_answer() {
    let mut bench = Bench::over(Transport::Udp);
    let (key, invite) = bench.send(Method::Invite);
    assert!(bench.layer.cancel(bench.now, key, &[]).is_none());
    bench.answer(&invite, 180);
    assert!(bench.layer.cancel(bench.now, key, &[]).is_some());
    bench.note();
    bench.answer(&invite, 487);
    assert!(bench.layer.cancel(bench.now, key, &[]).is_none());
}

#[test]
fn a_closed_flow_breaks_what_waits_on_it_and_nothing_else() {
    let mut bench = Bench::over(Transport::Tcp);
    let (_, invite) = bench.send(Method::Invite);
    bench.layer.flow_closed(FlowId(2));
    bench.note();
    bench.layer.flow_closed(FlowId(1));
    bench.note();
    bench.answer(&invite, 200);
    assert_eq!(bench.said(), ["0 send INVITE", "0 broken", "0 ended"]);
}

#[test]
fn invite_server_repeats_its_refusal_by_timer_g_until_timer_h() {
    let mut bench = Bench::over(Transport::Udp);
    let invite = theirs(Method::Invite, "z9hG4bKt");
    bench.hear(&invite);
    bench.respond(&invite, 486);
    bench.pass(seconds(40));
    let said = bench.said();
    assert_eq!(
        said[..5],
        [
            "0 request INVITE",
            "0 send 486",
            "500 send 486",
            "1500 send 486",
            "3500 send 486"
        ]
    );
    assert_eq!(said.last().unwrap(), "32000 unacknowledged");
    assert_eq!(bench.layer.open(), (0, 0));
}

#[test]
fn an_ack_ends_the_repetition_and_is_absorbed_until_timer_i() {
    let mut bench = Bench::over(Transport::Udp);
    let invite = theirs(Method::Invite, "z9hG4bKt");
    bench.hear(&invite);
    bench.respond(&invite, 486);
    let ack = theirs(Method::Ack, "z9hG4bKt");
    bench.hear(&ack);
    bench.hear(&ack);
    bench.hear(&invite);
    bench.pass(seconds(6));
    assert_eq!(bench.said(), ["0 request INVITE", "0 send 486"]);
    assert_eq!(bench.layer.open(), (0, 0));
}

#[test]
fn an_accepted_invite_absorbs_repetitions_passes_acks_up_and_takes_more_2xx() {
    let mut bench = Bench::over(Transport::Udp);
    let invite = theirs(Method::Invite, "z9hG4bKt");
    bench.hear(&invite);
    assert!(bench.respond(&invite, 180));
    bench.hear(&invite);
    assert!(bench.respond(&invite, 200));
    bench.hear(&invite);
    assert!(bench.respond(&invite, 200));
    assert!(!bench.respond(&invite, 486), "it is too late to refuse");
    bench.hear(&theirs(Method::Ack, "z9hG4bKt"));
    bench.hear(&theirs(Method::Ack, "z9hG4bKother"));
    assert_eq!(
        bench.said(),
        [
            "0 request INVITE",
            "0 send 180",
            "0 send 180",
            "0 send 200",
            "0 send 200",
            "0 ack",
            "0 ack"
        ]
    );
    bench.pass(seconds(32));
    assert_eq!(bench.layer.open(), (0, 0));
}

#[test]
fn other_server_repeats_only_what_was_asked_again() {
    let mut bench = Bench::over(Transport::Udp);
    let options = theirs(Method::Options, "z9hG4bKt");
    bench.hear(&options);
    bench.hear(&options);
    bench.respond(&options, 200);
    bench.hear(&options);
    bench.pass(seconds(33));
    assert_eq!(bench.said(), ["0 request OPTIONS", "0 send 200", "0 send 200"]);
    assert_eq!(bench.layer.open(), (0, 0));
}

#[test]
fn a_cancel_finds_its_invite_by_the_branch_and_only_by_that() {
    let mut bench = Bench::over(Transport::Udp);
    bench.hear(&theirs(Method::Invite, "z9hG4bKt"));
    bench.hear(&theirs(Method::Cancel, "z9hG4bKt"));
    bench.hear(&theirs(Method::Cancel, "z9hG4bKother"));
    assert_eq!(
        bench.said(),
        ["0 request INVITE", "0 request CANCEL of ours", "0 request CANCEL"]
    );
}

#[test]
fn the_same_branch_from_another_sender_is_another_transaction() {
    let mut bench = Bench::over(Transport::Udp);
    bench.hear(&theirs(Method::Options, "z9hG4bKt"));
    let mut other = theirs(Method::Options, "z9hG4bKt");
    other.headers.set(
        "Via",
        Via::new(Transport::Udp, HostPort::parse("10.0.0.3").unwrap(), "z9hG4bKt"),
    );
    other.headers.set("Call-ID", "c2");
    bench.hear(&other);
    assert_eq!(bench.said().len(), 2);
}

#[test]
fn the_source_of_a_request_is_noted_in_its_via() {
    let mut bench = Bench::over(Transport::Udp);
    let mut options = theirs(Method::Options, "z9hG4bKt");
    options.headers.set(
        "Via",
        Via::new(Transport::Udp, HostPort::parse("192.168.1.5:5070").unwrap(), "z9hG4bKt"),
    );
    bench.layer.receive(bench.now, bench.flow, &options.to_bytes()).unwrap();
    let Some(Happening::Request { request, .. }) = bench.layer.poll() else {
        panic!("no request")
    };
    let via = request.headers.via().unwrap();
    assert_eq!(
        (via.received(), via.rport()),
        (Some("10.0.0.2".parse().unwrap()), Some(5060))
    );
}

#[test]
fn beyond_the_limits_requests_are_answered_503_and_ours_fail() {
    let mut bench = Bench::over(Transport::Udp);
    bench.layer = Layer::new(Limits { clients: 1, servers: 1 });
    bench.hear(&theirs(Method::Options, "z9hG4bK1"));
    bench.hear(&theirs(Method::Options, "z9hG4bK2"));
    bench.send(Method::Options);
    bench
        .layer
        .send_request(bench.now, &bench.flow, bare(Method::Info), "z9hG4bKmore".into());
    bench.note();
    assert_eq!(
        bench.said(),
        ["0 request OPTIONS", "0 send 503", "0 send OPTIONS", "0 broken"]
    );
}

#[test]
fn a_broken_request_that_can_be_answered_is() {
    let mut bench = Bench::over(Transport::Udp);
    let text = String::from_utf8(theirs(Method::Options, "z9hG4bKt").to_bytes()).unwrap();
    let broken = text.replace("CSeq: 1 OPTIONS", "CSeq: one");
    assert!(bench.layer.receive(bench.now, bench.flow, broken.as_bytes()).is_err());
    let Some(Happening::Send { bytes, .. }) = bench.layer.poll() else {
        panic!("no answer")
    };
    assert!(bytes.starts_with(b"SIP/2.0 400 "));
    assert_eq!(bench.layer.open(), (0, 0));
}
