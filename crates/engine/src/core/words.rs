//! Every failure in words for people: what is, then what to do. No code in the first line.
use crate::{CertificateView, Refusal, RefusalCode, RegistrationReason};
use parley_call::Cause;
use parley_sip::endpoint::{
    Certificate, CertificateFault, EndCause, MessageOutcome, RegistrationFailure, TransportError,
};

/// What a refused INVITE means (RFC 3261 section 21, Q.850 by RFC 3398).
pub fn cause_of_status(code: u16, reason: &str) -> Cause {
    match code {
        486 | 600 => Cause::Busy,
        603 | 607 | 608 => Cause::Declined,
        404 | 410 | 485 | 604 => Cause::NotFound,
        484 => Cause::Other("The number is not complete".to_owned()),
        480 | 430 => Cause::Unavailable,
        408 | 487 => Cause::NoAnswer,
        401 | 403 | 407 => Cause::Forbidden,
        402 => Cause::Other("There is no credit left for this call".to_owned()),
        406 | 415 | 488 | 606 => Cause::NotAcceptable,
        416 | 420 | 421 | 400 => Cause::Other("The server does not understand this call".to_owned()),
        482 | 483 => Cause::Other("The call was sent in a circle".to_owned()),
        300..=399 => Cause::Other("The call was sent on to an address that cannot be reached from here".to_owned()),
        500..=599 => Cause::ServerError,
        _ if reason.trim().is_empty() => Cause::Other("The call was refused".to_owned()),
        _ => Cause::Other(format!("The call was refused: {}", clean(reason))),
    }
}

/// What the end of a session means; `None` for the ends that have a signal of their own.
pub fn cause_of_end(end: &EndCause) -> Cause {
    match end {
        EndCause::HungUpByUs => Cause::HungUp(parley_call::By::Us),
        EndCause::HungUpByThem => Cause::HungUp(parley_call::By::Them),
        EndCause::Cancelled { elsewhere: true } => Cause::AnsweredElsewhere,
        EndCause::Cancelled { elsewhere: false } => Cause::GaveUp,
        EndCause::Declined => Cause::DeclinedHere,
        EndCause::Rejected { code, reason, .. } => cause_of_status(*code, reason),
        // With its targets it is told by `Core::session_ended`, which knows how they are dialled.
        EndCause::Redirected { code, .. } => cause_of_status(*code, ""),
        EndCause::Replaced => Cause::Replaced,
        EndCause::Timeout => Cause::NoAnswer,
        EndCause::NoAnswer => Cause::Other("The server does not answer. Check the network".to_owned()),
        EndCause::TransportFailed(TransportError::NoSuchHost) => {
            Cause::Other("There is no server by that name. Check the address".to_owned())
        }
        EndCause::TransportFailed(TransportError::Untrusted(_) | TransportError::CertificateChanged(_)) => {
            Cause::Other("The server did not prove that it is the server. See the line's certificate".to_owned())
        }
        EndCause::TransportFailed(_) => Cause::Unreachable,
        EndCause::NotAuthorised => Cause::Forbidden,
        EndCause::Lost => Cause::Lost,
    }
}

/// Why a call ended, as the window and the history say it.
pub fn end(cause: &Cause) -> String {
    match cause {
        Cause::NotAcceptable => "The two phones have no sound format in common".to_owned(),
        Cause::Unreachable => "The server cannot be reached. Check the network".to_owned(),
        Cause::Forbidden => "The server does not allow this call".to_owned(),
        other => other.to_string(),
    }
}

/// A line that has been asking its server for a while.
pub fn no_answer_yet(line: &str, server: &str) -> String {
    format!("Callers cannot reach you on {line}. {server} has not answered yet. Check the network.")
}

/// A line that is back, and how long it was away.
pub fn reached_again(line: &str, milliseconds: i64) -> String {
    let seconds = (milliseconds + 500) / 1000;
    let lasted = match seconds {
        ..=1 => "a second".to_owned(),
        2..=119 => format!("{seconds} seconds"),
        120..=7199 => format!("{} minutes", (seconds + 30) / 60),
        _ => format!("{} hours", (seconds + 1800) / 3600),
    };
    format!("Callers reach you on {line} again. They could not for {lasted}.")
}

/// Why a hold, a resume or a transfer was refused.
pub fn status(code: u16, reason: &str) -> String {
    end(&cause_of_status(code, reason))
}

/// Why a message was not taken, and what to do.
pub fn message(outcome: &MessageOutcome) -> String {
    match outcome {
        MessageOutcome::Refused {
            code: 404 | 410 | 604, ..
        } => "There is nobody by this number or address".to_owned(),
        MessageOutcome::Refused {
            code: 405 | 415 | 488 | 501 | 606,
            ..
        } => "Their phone takes no messages".to_owned(),
        MessageOutcome::Refused {
            code: 480 | 486 | 600 | 603,
            ..
        } => "They take no messages now".to_owned(),
        MessageOutcome::Refused { code: 413 | 513, .. } => {
            "The text is too long for the server. Send it in parts".to_owned()
        }
        MessageOutcome::Refused {
            code: 401 | 403 | 407, ..
        }
        | MessageOutcome::NotAuthorised => "The server does not allow messages from this line".to_owned(),
        MessageOutcome::Refused { code: 500..=599, .. } => "The server is in trouble. Try again later".to_owned(),
        MessageOutcome::Refused { reason, .. } if reason.trim().is_empty() => "The message was refused".to_owned(),
        MessageOutcome::Refused { reason, .. } => format!("The message was refused: {}", clean(reason)),
        MessageOutcome::Unreachable(_) => "The server cannot be reached. Check the network".to_owned(),
        MessageOutcome::NoAnswer => "No answer came: it may have arrived or not".to_owned(),
        MessageOutcome::Delivered | MessageOutcome::Accepted => String::new(),
    }
}

/// Why callers do not reach a line, and what to do; `gave_password`: one was known and could be asked for.
pub fn registration(
    why: &RegistrationFailure,
    line: &str,
    server: &str,
    gave_password: bool,
) -> (RegistrationReason, String) {
    use RegistrationReason as For;
    let (reason, text) = match why {
        RegistrationFailure::Forbidden { reason } => (
            For::Refused,
            format!(
                "{server} forbids this line to register{}. Some servers say so when the user name or password is wrong: check both, then ask its administrator.",
                quoted(reason)
            ),
        ),
        RegistrationFailure::Refused { code: 403, reason } if gave_password => (
            For::Refused,
            format!(
                "{server} forbids this line to register{}, though not for its password. Ask its administrator.",
                quoted(reason)
            ),
        ),
        RegistrationFailure::WrongPassword => (
            For::WrongPassword,
            format!("{server} does not accept the user name or password. Check both."),
        ),
        RegistrationFailure::NoPassword => (
            For::NoPassword,
            format!("{server} asks for a password, and none is known. Enter it in the account."),
        ),
        RegistrationFailure::UnknownAuthentication => (
            For::Refused,
            format!(
                "{server} asks for a proof of the password that Parley does not know. Ask its administrator for MD5 or SHA-256 digest."
            ),
        ),
        RegistrationFailure::UnknownDomain | RegistrationFailure::Unreachable(TransportError::NoSuchHost) => (
            For::UnknownDomain,
            format!("There is no server called {server}. Check the domain."),
        ),
        RegistrationFailure::NoAnswer | RegistrationFailure::Unreachable(TransportError::TimedOut) => (
            For::NoAnswer,
            format!("{server} does not answer. Check the network and the server's address."),
        ),
        RegistrationFailure::NotBound => (
            For::Refused,
            format!(
                "{server} answers, but does not list this phone among those it sends calls to. Ask its administrator."
            ),
        ),
        RegistrationFailure::NoSuchUser => (
            For::UnknownUser,
            format!("{server} does not know this user. Check the user name."),
        ),
        RegistrationFailure::ServerTrouble { .. } => (
            For::Refused,
            format!("{server} is in trouble. Nothing to do here: it is tried again."),
        ),
        RegistrationFailure::Refused { reason, .. } if reason.trim().is_empty() => (
            For::Refused,
            format!("{server} refuses the registration. Ask its administrator."),
        ),
        RegistrationFailure::Refused { reason, .. } => (
            For::Refused,
            format!(
                "{server} refuses the registration ({}). Ask its administrator.",
                clean(reason)
            ),
        ),
        RegistrationFailure::Unreachable(TransportError::Refused) => (
            For::Unreachable,
            format!("Nothing takes calls at {server}. Check the server's address and port."),
        ),
        RegistrationFailure::Unreachable(TransportError::Closed) => {
            (For::Unreachable, format!("{server} closed the connection."))
        }
        RegistrationFailure::Unreachable(TransportError::Untrusted(certificate)) => {
            (For::UntrustedCertificate, untrusted(certificate, server))
        }
        RegistrationFailure::Unreachable(TransportError::CertificateChanged(_)) => (
            For::CertificateChanged,
            format!(
                "{server} shows another certificate than the one you trusted. Ask its administrator whether it was replaced before you trust it."
            ),
        ),
        RegistrationFailure::Unreachable(TransportError::Tls(why)) => (
            For::Unreachable,
            format!(
                "No secure connection to {server} came about ({}). Check the port and the transport.",
                clean(why)
            ),
        ),
        RegistrationFailure::Unreachable(TransportError::WebSocket(why)) => (
            For::Unreachable,
            format!(
                "{server} does not speak SIP over WebSocket there ({}). Check the port and the path.",
                clean(why)
            ),
        ),
        RegistrationFailure::Unreachable(_) => (
            For::Unreachable,
            format!("{server} cannot be reached. Check the network."),
        ),
    };
    (reason, format!("Callers cannot reach you on {line}. {text}"))
}

/// What is wrong with a certificate, and what to do about the line.
fn untrusted(certificate: &Certificate, server: &str) -> String {
    let what = fault(certificate);
    match &certificate.why {
        CertificateFault::NotYetValid => format!("{what} Check the clock of this computer."),
        CertificateFault::Expired => format!("{what} {server} needs a new one; ask its administrator."),
        _ => format!("{what} Look at it, and trust it only if you know that it belongs to {server}."),
    }
}

/// What is wrong with a certificate, a sentence for each thing.
fn fault(certificate: &Certificate) -> String {
    let faults = std::iter::once(&certificate.why).chain(&certificate.also);
    let sentences: Vec<String> = faults.map(|fault| sentence(certificate, fault)).collect();
    sentences.join(" ")
}

fn sentence(certificate: &Certificate, fault: &CertificateFault) -> String {
    match fault {
        CertificateFault::UnknownIssuer => format!(
            "The certificate was issued by {}, whom this computer does not know.",
            name(&certificate.issuer)
        ),
        CertificateFault::SelfSigned => "The certificate was issued by the server itself.".to_owned(),
        CertificateFault::WrongName { wanted } if certificate.names.is_empty() => {
            format!("The certificate names no server, so it is not for {}.", clean(wanted))
        }
        CertificateFault::WrongName { wanted } => {
            let mut names: Vec<String> = certificate.names.iter().take(3).map(|name| clean(name)).collect();
            if certificate.names.len() > names.len() {
                names.push("others".to_owned());
            }
            format!(
                "The certificate is for {}, not for {}.",
                names.join(", "),
                clean(wanted)
            )
        }
        CertificateFault::Expired => "The certificate is no longer valid.".to_owned(),
        CertificateFault::NotYetValid => "The certificate is not valid yet.".to_owned(),
        CertificateFault::Changed { .. } => "The server shows another certificate than the one you trusted.".to_owned(),
        CertificateFault::Other(why) => format!("The certificate cannot be checked ({}).", clean(why)),
    }
}

/// A distinguished name as a person reads it: its common name, if it has one.
fn name(distinguished: &str) -> String {
    let common = distinguished.split(", ").find_map(|part| part.strip_prefix("CN="));
    match clean(common.unwrap_or(distinguished)) {
        empty if empty.is_empty() => "nobody in particular".to_owned(),
        name => name,
    }
}

/// The certificate a registration failed for.
pub(crate) fn certificate(why: &RegistrationFailure) -> Option<CertificateView> {
    let RegistrationFailure::Unreachable(
        TransportError::Untrusted(certificate) | TransportError::CertificateChanged(certificate),
    ) = why
    else {
        return None;
    };
    let trusted_before = match &certificate.why {
        CertificateFault::Changed { pinned } => Some(pinned.clone()),
        _ => None,
    };
    Some(CertificateView {
        sha256: certificate.sha256.clone(),
        subject: clean(&certificate.subject),
        issuer: clean(&certificate.issuer),
        names: certificate.names.iter().map(|name| clean(name)).collect(),
        valid_from: certificate.valid_from.saturating_mul(1000),
        valid_to: certificate.valid_to.saturating_mul(1000),
        fault: fault(certificate),
        trusted_before,
    })
}

/// A way of coding speech.
pub fn codec(codec: parley_media::Codec) -> &'static str {
    match codec {
        parley_media::Codec::Opus => "Opus",
        parley_media::Codec::G722 => "G.722 (HD)",
        parley_media::Codec::G729 => "G.729",
        parley_media::Codec::Pcma => "G.711 A-law",
        parley_media::Codec::Pcmu => "G.711 \u{b5}-law",
    }
}

/// The status code that says of a call made at another one's wish what became of it.
pub fn status_of(cause: &Cause) -> (u16, &'static str) {
    match cause {
        Cause::Busy => (486, "Busy Here"),
        Cause::Declined | Cause::Cancelled => (603, "Decline"),
        Cause::NotFound => (404, "Not Found"),
        Cause::NoAnswer => (408, "Request Timeout"),
        Cause::Forbidden => (403, "Forbidden"),
        Cause::NotAcceptable => (488, "Not Acceptable Here"),
        Cause::ServerError => (500, "Server Internal Error"),
        Cause::Unreachable => (503, "Service Unavailable"),
        _ => (480, "Temporarily Unavailable"),
    }
}

/// Why the switchboard refused.
pub fn refused(why: parley_call::Refused) -> Refusal {
    use parley_call::Refused;
    let code = match why {
        Refused::NoSuchCall | Refused::Ended => RefusalCode::NoSuchCall,
        Refused::BadDigits | Refused::NoTarget | Refused::TooFewCalls => RefusalCode::Invalid,
        _ => RefusalCode::NotNow,
    };
    let refusal = Refusal::new(code, why.to_string());
    match why {
        Refused::BadDigits => refusal.about("digits"),
        Refused::NoTarget => refusal.about("target"),
        Refused::TooFewCalls => refusal.about("calls"),
        _ => refusal,
    }
}

/// A sentence of the far end, fit to be shown: no control characters, not endless.
pub fn clean(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_control() && !matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'))
        .take(200)
        .collect::<String>()
        .trim()
        .to_owned()
}

/// What the server says, where it says something.
fn quoted(reason: &str) -> String {
    match reason.trim() {
        "" => String::new(),
        said => format!(" ({})", clean(said)),
    }
}
