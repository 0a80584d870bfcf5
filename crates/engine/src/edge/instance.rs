//! The name of this installation at registrars (RFC 5626 section 4.1): a random UUID, made at the first start and kept beside the
//! database. It is read before anything registers, so it does not wait for the store.
use std::path::Path;

/// The file's name in the data folder.
const FILE: &str = "instance";

/// The name as a URN. Without a data folder, or when nothing can be kept there, it holds for this run. `None` without randomness.
pub(super) fn name(folder: Option<&Path>) -> Option<String> {
    let path = folder.map(|folder| folder.join(FILE));
    let kept = path.as_deref().and_then(|path| std::fs::read_to_string(path).ok());
    if let Some(kept) = kept.filter(|kept| is_uuid(kept.trim())) {
        return Some(urn(kept.trim()));
    }
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).ok()?;
    let uuid = uuid(bytes);
    if let (Some(folder), Some(path)) = (folder, path) {
        let written = std::fs::create_dir_all(folder).and_then(|()| std::fs::write(path, &uuid));
        if let Err(why) = written {
            log::warn!("the name of this installation is not kept: {why}");
        }
    }
    Some(urn(&uuid))
}

fn urn(uuid: &str) -> String {
    format!("urn:uuid:{uuid}")
}

/// Version 4, variant 10 (RFC 9562 section 5.4).
fn uuid(random: [u8; 16]) -> String {
    let mut number = u128::from_be_bytes(random);
    number = number & !(0xf << 76) | 0x4 << 76;
    number = number & !(0x3 << 62) | 0x2 << 62;
    let hex = format!("{number:032x}");
    let mut written = String::with_capacity(36);
    for (at, digit) in hex.chars().enumerate() {
        if [8, 12, 16, 20].contains(&at) {
            written.push('-');
        }
        written.push(digit);
    }
    written
}

fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.char_indices().all(|(at, letter)| match at {
            8 | 13 | 18 | 23 => letter == '-',
            _ => letter.is_ascii_hexdigit(),
        })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn it_is_the_same_at_the_next_start_and_another_one_elsewhere() {
        let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let first = name(Some(here.path())).unwrap();
        assert_eq!(name(Some(here.path())), Some(first.clone()));
        assert_ne!(name(Some(there.path())), Some(first.clone()));
        assert_ne!(name(None), Some(first));
    }

    #[test]
    fn a_file_somebody_else_wrote_is_written_anew() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(FILE), "a\r\nContact: <sip:evil@example.org>").unwrap();
        let name = name(Some(folder.path())).unwrap();
        assert!(is_uuid(name.strip_prefix("urn:uuid:").unwrap()), "{name}");
    }

    #[test]
    fn it_says_that_it_is_random() {
        assert_eq!(uuid([0; 16]), "00000000-0000-4000-8000-000000000000");
        assert_eq!(uuid([0xff; 16]), "ffffffff-ffff-4fff-bfff-ffffffffffff");
    }
}
