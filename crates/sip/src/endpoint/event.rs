//! What an [`Endpoint`](super::Endpoint) reports: registrations, the life of calls, and news about others.

use std::net::IpAddr;
use std::time::{Duration, Instant};

use crate::bodies::MessageSummary;
use crate::{NameAddr, Uri};

use super::account::AccountId;
use super::call::{IncomingInvite, Referral};
use super::events::{MessageId, MessageOutcome, Notice, PublicationState, SubscriptionId, SubscriptionState};
use super::io::{EarlyDialog, Flow, SessionId, TransportError};

/// Something happened.
#[derive(Debug, Clone)]
#[allow(
    clippy::large_enum_variant,
    reason = "events are moved once, from the queue to their reader"
)]
pub enum Event {
    /// The registration of an account changed its state.
    Registration {
        /// Whose.
        account: AccountId,
        /// The state from now on.
        state: RegistrationState,
    },
    /// The way to the far end is open (or our address changed in the call): call
    /// [`offer`](super::Endpoint::offer) with a session description that names `local`.
    OfferWanted {
        /// The call.
        session: SessionId,
        /// The address the far end should send media to.
        local: IpAddr,
    },
    /// Somebody calls. Answer with `ring`, `progress`, `accept` or `reject`; 100 Trying has been sent.
    Incoming {
        /// The call.
        session: SessionId,
        /// Which account is called.
        account: AccountId,
        /// What was on the wire.
        invite: IncomingInvite,
    },
    /// A provisional answer other than 100 (RFC 3261 section 13.2.2.1).
    Progress {
        /// The call.
        session: SessionId,
        /// 180 rings, 183 and others may carry early media, 181 forwarded, 182 queued.
        code: u16,
        /// The answer to our offer, if the far end sends sound before it answers.
        sdp: Option<Vec<u8>>,
        /// Which of the phones that ring.
        dialog: EarlyDialog,
    },
    /// The far end answered our call; ACK has been sent.
    Answered {
        /// The call.
        session: SessionId,
        /// The answer to our offer (the one of the early dialog when the 2xx itself has none); `None` when the far end changed
        /// the early session since: what was agreed then holds.
        sdp: Option<Vec<u8>>,
        /// Which of the phones that rang.
        dialog: EarlyDialog,
    },
    /// The ACK to our 2xx came: an incoming call is up for certain.
    Confirmed {
        /// The call.
        session: SessionId,
        /// The answer, when the INVITE had no offer and our 2xx made it.
        sdp: Option<Vec<u8>>,
    },
    /// The far end wants to change the session, early or up: `answer_reoffer` or `refuse_reoffer`. Without a word within ten
    /// seconds the offer of an UPDATE is refused.
    Reoffered {
        /// The call.
        session: SessionId,
        /// The new offer; `None` wants an offer from us, and its answer comes as [`Event::ReofferAccepted`].
        sdp: Option<Vec<u8>>,
    },
    /// The far end answered a new offer of ours.
    ReofferAccepted {
        /// The call.
        session: SessionId,
        /// The answer.
        sdp: Option<Vec<u8>>,
    },
    /// The far end keeps the session as it was.
    ReofferRefused {
        /// The call.
        session: SessionId,
        /// The status code; 408 when there was no ACK or no answer.
        code: u16,
    },
    /// News of a transfer asked for with `refer`.
    Transfer {
        /// The call being transferred.
        session: SessionId,
        /// How far it is.
        progress: TransferProgress,
    },
    /// The far end asks us to call somebody else (REFER, RFC 3515): `accept_referral` or `refuse_referral`. The call goes on
    /// until one side hangs up, whatever becomes of it.
    Referred {
        /// The call; or, for a REFER outside of any call, a number that only names this referral.
        session: SessionId,
        /// Whose line it is.
        account: AccountId,
        /// What is asked.
        referral: Referral,
    },
    /// The far end pressed a key and told so with INFO.
    Key {
        /// The call.
        session: SessionId,
        /// `0`-`9`, `*`, `#`, `A`-`D`.
        signal: char,
    },
    /// The call is over; nothing more will be said about this session.
    Ended {
        /// The call.
        session: SessionId,
        /// Why.
        cause: EndCause,
    },
    /// A subscription changed its state.
    Subscription {
        /// Which.
        subscription: SubscriptionId,
        /// The state from now on.
        state: SubscriptionState,
    },
    /// News about what was subscribed to.
    Notified {
        /// Which subscription.
        subscription: SubscriptionId,
        /// All that is known now, not only what changed.
        notice: Notice,
    },
    /// The account's own server told of waiting messages without being asked, as many exchanges do.
    MessagesWaiting {
        /// Whose mailbox.
        account: AccountId,
        /// What waits.
        summary: MessageSummary,
    },
    /// What became of a [`publish`](super::Endpoint::publish), and of each refresh that went another way than before.
    Published {
        /// Whose presence.
        account: AccountId,
        /// The state from now on.
        state: PublicationState,
    },
    /// What became of a message.
    MessageSent {
        /// Which.
        id: MessageId,
        /// How it went.
        outcome: MessageOutcome,
    },
    /// A message came, from the account's own server; each is told once.
    MessageReceived {
        /// For which account.
        account: AccountId,
        /// Who wrote, by the writer's own words.
        from: NameAddr,
        /// The text, at most a few thousand octets; no control characters but tab and line feed.
        text: String,
    },
}

/// How a blind transfer goes (RFC 3515).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TransferProgress {
    /// The far end agreed to try (2xx to REFER).
    Accepted,
    /// The far end calls the target: 100 tries, 180 rings, ….
    Calling {
        /// The status code the target gave the far end.
        code: u16,
    },
    /// The target answered; the call may be hung up.
    Succeeded,
    /// The far end does not do it, or the target did not answer; the call is still there.
    Failed {
        /// Status code; 408 when nothing more was heard.
        code: u16,
        /// The words beside it.
        reason: String,
    },
    /// The far end stopped reporting without telling the outcome.
    Unknown,
}

/// Why a call is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EndCause {
    /// `hang_up` was called.
    HungUpByUs,
    /// BYE came.
    HungUpByThem,
    /// The caller gave up before we answered.
    Cancelled {
        /// Another phone took the call (RFC 3326 `Reason: SIP;cause=200`).
        elsewhere: bool,
    },
    /// `reject` was called.
    Declined,
    /// A final answer other than 2xx.
    Rejected {
        /// Status code, 300 to 699.
        code: u16,
        /// The reason phrase as sent, or the standard one.
        reason: String,
        /// The text of the `Warning` header field.
        warning: Option<String>,
    },
    /// The far end said where else to try (3xx). Nothing was tried: a person confirms.
    Redirected {
        /// Status code, 300 to 399.
        code: u16,
        /// Where, best first (`q` of the Contact).
        targets: Vec<NameAddr>,
    },
    /// Another call took this one over (RFC 3891): it goes on there.
    Replaced,
    /// It rang (or 100 came) and then nothing more was heard; or a proxy waited for long enough (408).
    Timeout,
    /// No answer of any kind, or 408 before anything rang.
    NoAnswer,
    /// The request could not be sent.
    TransportFailed(TransportError),
    /// The far end asked for a name and password that we do not have, or did not take them.
    NotAuthorised,
    /// The call was up and is lost: 408 or 481 inside the dialog, no ACK, no session refresh.
    Lost,
}

/// Whether calls can reach an account.
#[derive(Debug, Clone, PartialEq)]
#[allow(clippy::large_enum_variant, reason = "there is one for each account")]
pub enum RegistrationState {
    /// Not registered, on purpose.
    Off,
    /// Asking.
    Registering,
    /// Calls arrive.
    Registered {
        /// The way to the server.
        flow: Flow,
        /// Our address there.
        contact: Uri,
        /// How long the server said it keeps us; refreshed well before.
        expires: Duration,
        /// `Server` or `User-Agent` of the registrar, empty when it does not say.
        server: String,
        /// When the server last answered anything of ours on this flow. Told again whenever it does.
        proven: Instant,
        /// The public GRUU the registrar gave us (RFC 5627): it reaches this very phone.
        gruu: Option<Uri>,
        /// Other bindings of the same address: other phones of this person.
        others: usize,
    },
    /// Calls do not arrive.
    Failed {
        /// Why.
        why: RegistrationFailure,
        /// When it will be tried again; `None`: when something changes (a new password, `register_now`).
        retry_in: Option<Duration>,
    },
}

/// Why a registration failed, as precise as a sentence for a person needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RegistrationFailure {
    /// The server refused our name and password.
    WrongPassword,
    /// The server knows what we offered and forbids it (403, RFC 3261 section 21.4.4), though it never took this password before:
    /// some say so of a wrong one, others of a user who may not register.
    Forbidden {
        /// Reason phrase.
        reason: String,
    },
    /// The server wants a password and the account has none.
    NoPassword,
    /// The server only knows ways to prove a password that we do not (an unknown digest algorithm).
    UnknownAuthentication,
    /// The domain does not resolve.
    UnknownDomain,
    /// The server does not answer.
    NoAnswer,
    /// The server does not know the user (404).
    NoSuchUser,
    /// The server said yes, but among the places it will send calls to, ours is not.
    NotBound,
    /// The server is there but overloaded or broken (5xx).
    ServerTrouble {
        /// Status code.
        code: u16,
        /// Reason phrase.
        reason: String,
    },
    /// Another final answer.
    Refused {
        /// Status code.
        code: u16,
        /// Reason phrase.
        reason: String,
    },
    /// The server cannot be reached.
    Unreachable(TransportError),
}
