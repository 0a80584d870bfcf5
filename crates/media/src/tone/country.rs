//! Ringback, busy and congestion as the networks of a country sound (ITU-T E.180 supplement 2).

use crate::params::Tone;

/// A tone: two frequencies in hertz (the second may be 0), and milliseconds on, off, on, …
pub(super) type Figures = ([f32; 2], &'static [u32]);

/// The three tones of a country.
struct Country {
    /// ISO 3166-1 alpha-2; empty is most of Europe, and every country that is not in the table.
    codes: &'static [&'static str],
    ringback: Figures,
    busy: Figures,
    congestion: Figures,
}

const fn country(codes: &'static [&'static str], ringback: Figures, busy: Figures, congestion: Figures) -> Country {
    Country {
        codes,
        ringback,
        busy,
        congestion,
    }
}

const ONE_IN_FIVE: &[u32] = &[1000, 4000];
const DOUBLE: &[u32] = &[400, 200, 400, 2000];
const HALF: &[u32] = &[500, 500];
const QUARTER: &[u32] = &[250, 250];
const FIFTH: &[u32] = &[200, 200];
const EUROPE: [f32; 2] = [425.0, 0.0];

#[rustfmt::skip]
const COUNTRIES: &[Country] = &[
    country(&["", "BG", "ID", "NL"], (EUROPE, ONE_IN_FIVE), (EUROPE, HALF), (EUROPE, QUARTER)),
    country(&["CH", "DK", "IT", "NO"], (EUROPE, ONE_IN_FIVE), (EUROPE, HALF), (EUROPE, FIFTH)),
    country(&["EE", "FI", "GR"], (EUROPE, ONE_IN_FIVE), (EUROPE, &[300, 300]), (EUROPE, FIFTH)),
    country(&["AT"], ([420.0, 0.0], &[1000, 5000]), ([420.0, 0.0], &[400, 400]), ([420.0, 0.0], FIFTH)),
    country(&["AU"], ([413.0, 438.0], DOUBLE), (EUROPE, &[375, 375]), ([425.0, 0.0], &[375, 375])),
    country(&["BE"], (EUROPE, &[1000, 3000]), (EUROPE, HALF), (EUROPE, &[167, 167])),
    country(&["BR"], (EUROPE, ONE_IN_FIVE), (EUROPE, QUARTER), (EUROPE, &[250, 250, 750, 250])),
    country(&["CN"], ([450.0, 0.0], ONE_IN_FIVE), ([450.0, 0.0], &[350, 350]), ([450.0, 0.0], &[700, 700])),
    country(&["CZ"], (EUROPE, ONE_IN_FIVE), (EUROPE, &[330, 330]), (EUROPE, &[165, 165])),
    country(&["DE"], (EUROPE, ONE_IN_FIVE), (EUROPE, &[480, 480]), (EUROPE, &[240, 240])),
    country(&["ES"], (EUROPE, &[1500, 3000]), (EUROPE, FIFTH), (EUROPE, &[200, 200, 200, 200, 200, 600])),
    country(&["FR"], ([440.0, 0.0], &[1500, 3500]), ([440.0, 0.0], HALF), ([440.0, 0.0], QUARTER)),
    country(&["GB"], ([400.0, 450.0], DOUBLE), ([400.0, 0.0], &[375, 375]), ([400.0, 0.0], &[400, 350, 225, 525])),
    country(&["HU"], (EUROPE, &[1250, 3750]), (EUROPE, &[300, 300]), (EUROPE, &[300, 300])),
    country(&["JP"], ([400.0, 415.0], &[1000, 2000]), ([400.0, 0.0], HALF), ([400.0, 0.0], HALF)),
    country(&["MX"], (EUROPE, ONE_IN_FIVE), (EUROPE, QUARTER), (EUROPE, QUARTER)),
    country(&["NZ"], ([400.0, 450.0], DOUBLE), ([400.0, 0.0], HALF), ([400.0, 0.0], QUARTER)),
    country(&["SE"], (EUROPE, &[1000, 5000]), (EUROPE, QUARTER), (EUROPE, &[250, 750])),
    country(&["US", "CA"], ([440.0, 480.0], &[2000, 4000]), ([480.0, 620.0], HALF), ([480.0, 620.0], QUARTER)),
];

/// The figures of a tone in a country.
pub(super) fn figures(country: &str, tone: Tone) -> Option<Figures> {
    let known = COUNTRIES
        .iter()
        .find(|known| known.codes.iter().any(|code| code.eq_ignore_ascii_case(country)))
        .or_else(|| COUNTRIES.first())?;
    match tone {
        Tone::None => None,
        Tone::Ringback => Some(known.ringback),
        Tone::Busy => Some(known.busy),
        Tone::Congestion => Some(known.congestion),
    }
}

/// The countries with figures of their own (ISO 3166-1 alpha-2); all others sound like most of Europe.
pub fn tone_countries() -> Vec<&'static str> {
    let mut codes: Vec<&str> = COUNTRIES.iter().flat_map(|country| country.codes).copied().collect();
    codes.retain(|code| !code.is_empty());
    codes.sort_unstable();
    codes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_country_is_there_once_and_every_tone_has_a_break() {
        let mut codes = tone_countries();
        let all = codes.len();
        codes.dedup();
        assert_eq!(codes.len(), all);
        for code in codes {
            for tone in [Tone::Ringback, Tone::Busy, Tone::Congestion] {
                let (hertz, pattern) = figures(code, tone).unwrap();
                assert!((300.0..700.0).contains(&hertz[0]), "{code}");
                assert!(
                    pattern.len() % 2 == 0 && pattern.iter().all(|ms| *ms > 100),
                    "{code} {tone:?}"
                );
            }
        }
    }

    #[test]
    fn a_country_without_figures_sounds_like_most_of_europe() {
        assert_eq!(figures("ZZ", Tone::Busy), figures("NL", Tone::Busy));
        assert_eq!(
            figures("us", Tone::Ringback),
            Some(([440.0, 480.0], [2000, 4000].as_slice()))
        );
    }
}
