//! The parameters of codecs in `fmtp` that change what is sent: Opus (RFC 7587 section 6.1) and G.729 (RFC 4856).

/// The value of a parameter among `name=value;name=value`; names are compared without regard to case.
pub(super) fn parameter<'a>(fmtp: &'a str, name: &str) -> Option<&'a str> {
    fmtp.split(';').find_map(|parameter| {
        let (key, value) = parameter.split_once('=')?;
        key.trim().eq_ignore_ascii_case(name).then_some(value.trim())
    })
}

/// What a receiver of Opus says about itself. What it does not say has the default of RFC 7587.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpusFormat {
    /// It makes use of in-band redundancy (`useinbandfec`).
    pub redundancy: bool,
    /// It likes pauses not to be sent (`usedtx`).
    pub pauses: bool,
    /// It plays two channels (`stereo`).
    pub stereo: bool,
    /// All packets shall be of one size (`cbr`).
    pub constant_bitrate: bool,
    /// The sampling rate in Hz beyond which it hears nothing (`maxplaybackrate`).
    pub most_hertz: u32,
    /// Bits a second at most (`maxaveragebitrate`).
    pub most_bits: Option<u32>,
}

impl Default for OpusFormat {
    fn default() -> Self {
        OpusFormat {
            redundancy: false,
            pauses: false,
            stereo: false,
            constant_bitrate: false,
            most_hertz: 48_000,
            most_bits: None,
        }
    }
}

impl OpusFormat {
    /// Reads `fmtp`; what cannot be is as if it were not there.
    pub fn read(fmtp: &str) -> OpusFormat {
        let number = |name| parameter(fmtp, name).and_then(|value| value.parse::<u32>().ok());
        let flag = |name| number(name) == Some(1);
        OpusFormat {
            redundancy: flag("useinbandfec"),
            pauses: flag("usedtx"),
            stereo: flag("stereo"),
            constant_bitrate: flag("cbr"),
            most_hertz: number("maxplaybackrate")
                .filter(|hertz| (8000..=48_000).contains(hertz))
                .unwrap_or(48_000),
            most_bits: number("maxaveragebitrate").filter(|bits| (6000..=510_000).contains(bits)),
        }
    }

    /// As `fmtp`: what differs from the default.
    pub fn write(&self) -> String {
        let mut written = Vec::new();
        let mut say = |is_said: bool, text: String| written.extend(is_said.then_some(text));
        say(self.redundancy, "useinbandfec=1".to_owned());
        say(self.pauses, "usedtx=1".to_owned());
        say(self.stereo, "stereo=1".to_owned());
        say(self.constant_bitrate, "cbr=1".to_owned());
        say(self.most_hertz < 48_000, format!("maxplaybackrate={}", self.most_hertz));
        let most_bits = self.most_bits.unwrap_or_default();
        say(self.most_bits.is_some(), format!("maxaveragebitrate={most_bits}"));
        written.join(";")
    }
}

/// Whether a receiver of G.729 takes the pauses of annex B: yes, unless it says no (RFC 4856 section 2.1.9).
pub fn takes_annex_b(fmtp: Option<&str>) -> bool {
    let said = fmtp.and_then(|fmtp| parameter(fmtp, "annexb"));
    !said.is_some_and(|said| said.eq_ignore_ascii_case("no"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_real_phones_say_of_opus_is_read() {
        let browser = OpusFormat::read("minptime=10;useinbandfec=1");
        assert!(browser.redundancy && !browser.pauses && !browser.stereo);
        let phone = OpusFormat::read(
            "maxplaybackrate=16000; sprop-maxcapturerate=16000;maxaveragebitrate=20000;UseDTX=1; cbr=1",
        );
        assert_eq!((phone.most_hertz, phone.most_bits), (16_000, Some(20_000)));
        assert!(phone.pauses && phone.constant_bitrate && !phone.redundancy);
        // Neither zero nor rubbish changes anything.
        for odd in [
            "",
            "useinbandfec",
            "useinbandfec=yes;maxplaybackrate=0;maxaveragebitrate=-1",
            ";;=;",
            "maxplaybackrate=99999999999",
        ] {
            assert_eq!(OpusFormat::read(odd), OpusFormat::default(), "{odd}");
        }
    }

    #[test]
    fn what_is_written_reads_the_same() {
        let full = OpusFormat {
            redundancy: true,
            pauses: true,
            stereo: true,
            constant_bitrate: true,
            most_hertz: 24_000,
            most_bits: Some(64_000),
        };
        assert_eq!(OpusFormat::read(&full.write()), full);
        assert_eq!(OpusFormat::default().write(), "");
    }

    #[test]
    fn annex_b_is_on_unless_refused() {
        assert!(takes_annex_b(None) && takes_annex_b(Some("annexb=yes")) && takes_annex_b(Some("")));
        assert!(!takes_annex_b(Some("annexb=no")) && !takes_annex_b(Some("bitrate=8;AnnexB = NO")));
    }
}
