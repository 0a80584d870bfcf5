//! Codecs in the words of the store, the views and media.
use crate::{AudioCodec, Refusal};
use parley_media::Codec as MediaCodec;
use parley_store::AudioCodec as StoredCodec;

/// The codec as media names it.
pub(crate) fn for_media(codec: StoredCodec) -> MediaCodec {
    match codec {
        StoredCodec::Opus => MediaCodec::Opus,
        StoredCodec::G722 => MediaCodec::G722,
        StoredCodec::Pcma => MediaCodec::Pcma,
        StoredCodec::Pcmu => MediaCodec::Pcmu,
        StoredCodec::G729 => MediaCodec::G729,
    }
}

/// Checks the codecs a person chose: at least one, each once.
///
/// # Errors
/// When none is left: no call would ever have sound.
pub(crate) fn check(codecs: &[AudioCodec]) -> Result<Vec<StoredCodec>, Refusal> {
    let mut chosen = Vec::new();
    for codec in codecs {
        let codec = StoredCodec::from(*codec);
        if !chosen.contains(&codec) {
            chosen.push(codec);
        }
    }
    if chosen.is_empty() {
        return Err(Refusal::invalid(
            "codecs",
            "Leave at least one codec switched on. Without any, no call has sound.",
        ));
    }
    Ok(chosen)
}
