//! How an account handles calls: words of the store as words of the views and back, and what a person may enter.
use super::dial;
use crate::{AccountOptions, BusyForward, Codes, Forwarding, LateForward, Refusal};
use std::time::Duration;

/// How long a call rings before it is sent on, in seconds.
const RING: std::ops::RangeInclusive<u32> = 1..=300;

impl From<parley_store::AccountOptions> for AccountOptions {
    fn from(options: parley_store::AccountOptions) -> Self {
        let parley_store::AccountOptions {
            forwarding,
            codes,
            anonymous,
            auto_answer,
            referrals,
            trusted_identity,
            call_from_anyone,
            codecs,
            own_codec_order,
            pauses,
            keys,
            gruu,
            encryption,
        } = options;
        Self {
            forwarding: Forwarding {
                always: forwarding.always,
                busy: forwarding.busy.map(|busy| BusyForward {
                    target: busy.target,
                    do_not_disturb: busy.do_not_disturb,
                    on_call: busy.on_call,
                }),
                no_answer: forwarding.no_answer.map(|late| LateForward {
                    target: late.target,
                    after_seconds: late.after_seconds,
                }),
            },
            codes: Codes {
                park: codes.park,
                pick_up: codes.pick_up,
                voicemail: codes.voicemail,
            },
            anonymous,
            auto_answer,
            referrals: referrals.into(),
            trusted_identity,
            call_from_anyone,
            codecs: codecs.into_iter().map(Into::into).collect(),
            own_codec_order,
            pauses,
            keys: keys.into(),
            gruu,
            encryption: encryption.into(),
        }
    }
}

/// Checks what a person entered and brings it into shape.
///
/// # Errors
/// With the field that has to be changed.
pub(crate) fn check(options: &AccountOptions) -> Result<parley_store::AccountOptions, Refusal> {
    let AccountOptions {
        forwarding,
        codes,
        anonymous,
        auto_answer,
        referrals,
        trusted_identity,
        call_from_anyone,
        codecs,
        own_codec_order,
        pauses,
        keys,
        gruu,
        encryption,
    } = options;
    let busy = match &forwarding.busy {
        Some(busy) => target("forwardingBusy", Some(&busy.target))?.map(|target| parley_store::BusyForward {
            target,
            do_not_disturb: busy.do_not_disturb,
            on_call: busy.on_call,
        }),
        None => None,
    };
    let no_answer = match &forwarding.no_answer {
        Some(late) if !RING.contains(&late.after_seconds) => {
            return Err(Refusal::invalid(
                "forwardingNoAnswerSeconds",
                "Say after how many seconds, from 1 to 300.",
            ));
        }
        Some(late) => target("forwardingNoAnswer", Some(&late.target))?.map(|target| parley_store::LateForward {
            target,
            after_seconds: late.after_seconds,
        }),
        None => None,
    };
    Ok(parley_store::AccountOptions {
        forwarding: parley_store::Forwarding {
            always: target("forwardingAlways", forwarding.always.as_deref())?,
            busy,
            no_answer,
        },
        codes: parley_store::Codes {
            park: target("codePark", codes.park.as_deref())?,
            pick_up: target("codePickUp", codes.pick_up.as_deref())?,
            voicemail: target("codeVoicemail", codes.voicemail.as_deref())?,
        },
        anonymous: *anonymous,
        auto_answer: *auto_answer,
        referrals: (*referrals).into(),
        trusted_identity: *trusted_identity,
        call_from_anyone: *call_from_anyone,
        codecs: super::codecs::check(codecs)?,
        own_codec_order: *own_codec_order,
        pauses: *pauses,
        keys: (*keys).into(),
        gruu: *gruu,
        encryption: (*encryption).into(),
    })
}

/// What the switchboard has to know of it.
pub(crate) fn for_board(forwarding: &parley_store::Forwarding) -> parley_call::Forwarding {
    parley_call::Forwarding {
        always: forwarding.always.clone(),
        busy: forwarding.busy.as_ref().map(|busy| parley_call::BusyForward {
            target: busy.target.clone(),
            do_not_disturb: busy.do_not_disturb,
            on_call: busy.on_call,
        }),
        no_answer: forwarding.no_answer.as_ref().map(|late| parley_call::LateForward {
            target: late.target.clone(),
            after: Duration::from_secs(late.after_seconds.into()),
        }),
    }
}

/// Something that can be dialled, or nothing.
fn target(field: &str, text: Option<&str>) -> Result<Option<String>, Refusal> {
    match text.map(str::trim).filter(|text| !text.is_empty()) {
        None => Ok(None),
        Some(text) => {
            let target = dial::read(text).map_err(|why| Refusal::invalid(field, why.message))?;
            Ok(Some(target.text()))
        }
    }
}
