//! What is said of one call across the seam: how it is to be made, and what came with one that came in.

use std::net::IpAddr;
use std::time::Duration;

use crate::{NameAddr, Uri};

pub use crate::headers::ReplacesTarget;

use super::SessionId;

/// How a call is to be made, beyond whom it is for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InviteOptions {
    /// Header fields for the INVITE; those the endpoint writes itself are refused.
    pub extra: Vec<(String, String)>,
    /// Keep back who calls: `Privacy: id` and an anonymous `From` (RFC 3323, RFC 3325). The account's own server is told.
    pub anonymous: bool,
    /// Take over this dialog at the far end (RFC 3891): to pick up a call, or to complete an attended transfer.
    pub replaces: Option<ReplacesTarget>,
    /// Who asked for this call, when it is made for somebody's REFER (RFC 3892): that person's own `Referred-By`.
    pub referred_by: Option<NameAddr>,
    /// Send no offer: the far end makes it, in a reliable provisional answer or its 2xx, and it comes as
    /// [`Event::Reoffered`](super::Event). `Answered` follows the answer to it.
    pub late_offer: bool,
}

/// The triple that names a dialog (RFC 3261 section 12), from our point of view.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct DialogName {
    /// Call-ID.
    pub call_id: String,
    /// Our tag.
    pub local_tag: String,
    /// Their tag; empty when an RFC 2543 element gave none.
    pub remote_tag: String,
}

/// What the far end asks us to call instead of it (RFC 3515).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Referral {
    /// Whom, without header fields.
    pub target: Uri,
    /// The value of `Replaces` in the URI, as it came (RFC 3891): an attended transfer. [`ReplacesTarget::parse`] reads it.
    pub replaces: Option<String>,
    /// Who asks, by the far end's word (RFC 3892).
    pub referred_by: Option<NameAddr>,
}

/// A call that came in, as it was on the wire.
#[derive(Debug, Clone)]
pub struct IncomingInvite {
    /// `From`: who calls, by the caller's own words.
    pub from: NameAddr,
    /// `To`: who the caller wanted.
    pub to: NameAddr,
    /// The Request-URI: which of our addresses the call reached.
    pub request_uri: Uri,
    /// `P-Asserted-Identity` (RFC 3325), only when it came from the account's own server and the account trusts it.
    pub asserted: Option<NameAddr>,
    /// The caller wants to stay unknown (RFC 3323), or the network says so.
    pub privacy: bool,
    /// `Diversion` (RFC 5806), latest diversion first.
    pub diversion: Vec<NameAddr>,
    /// `History-Info` (RFC 7044), oldest first.
    pub history: Vec<NameAddr>,
    /// `Referred-By` (RFC 3892): who transferred the caller to us, by the caller's word.
    pub referred_by: Option<NameAddr>,
    /// The call of ours this one takes over when it is accepted (RFC 3891); it then ends as `Replaced`.
    pub replaces: Option<SessionId>,
    /// The caller asks for an answer without anybody touching the phone, after this pause.
    pub auto_answer: Option<Duration>,
    /// `Alert-Info`, the first value as it came: what kind of ringing the caller or the exchange suggests.
    pub alert_info: Option<String>,
    /// `Call-Info` with `purpose=icon`, when it is an `https:` address: a picture of the caller.
    pub icon: Option<String>,
    /// All header fields as name and unfolded value, in the order they came.
    pub headers: Vec<(String, String)>,
    /// The session offered; `None` asks us to make the offer.
    pub sdp: Option<Vec<u8>>,
    /// Our address towards the caller: what a session description should name.
    pub local: IpAddr,
    /// `Call-ID`.
    pub call_id: String,
}
