//! The command line.
use std::ffi::OsString;
use std::path::PathBuf;

const HELP: &str = "\
parley-headless: a phone driven by JSON lines on stdin and stdout

  --config FILE   accounts, sound, screen pops, … as JSON
  --practice      also start the practice exchange and register on it
  --stay          go on when stdin ends
  --version       say the version
  --help          say this

PARLEY_LOG chooses what is logged to stderr (error, warn, info, debug). The contract is in docs/headless.md.";

/// What a start was asked for.
#[derive(Debug, PartialEq, Eq)]
pub enum Wish {
    /// To be a phone.
    Run(Options),
    /// To say this and end.
    Say(String),
}

/// How to be a phone.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// The configuration file.
    pub config: Option<PathBuf>,
    /// Start the practice exchange, whatever the configuration says.
    pub practice: bool,
    /// Go on after the end of stdin.
    pub stay: bool,
}

impl Options {
    /// Reads arguments, without the program's own name.
    ///
    /// # Errors
    /// A sentence about the argument that is wrong.
    pub fn read(arguments: impl IntoIterator<Item = OsString>) -> Result<Wish, String> {
        let mut options = Self::default();
        let mut arguments = arguments.into_iter();
        while let Some(argument) = arguments.next() {
            match argument.to_str() {
                Some("--config") => {
                    let file = arguments.next().ok_or("--config needs the name of a file.")?;
                    options.config = Some(file.into());
                }
                Some("--practice") => options.practice = true,
                Some("--stay") => options.stay = true,
                Some("--version") => return Ok(Wish::Say(format!("parley-headless {}", env!("CARGO_PKG_VERSION")))),
                Some("--help" | "-h") => return Ok(Wish::Say(HELP.to_owned())),
                _ => {
                    return Err(format!(
                        "{} is no option of mine; --help lists them.",
                        argument.to_string_lossy()
                    ));
                }
            }
        }
        Ok(Wish::Run(options))
    }
}

#[cfg(test)]
mod tests {
    use super::{Options, Wish};

    fn read(line: &str) -> Result<Wish, String> {
        Options::read(line.split_whitespace().map(Into::into))
    }

    #[test]
    fn options_are_read_in_any_order() {
        let wanted = Options {
            config: Some("a.json".into()),
            practice: true,
            stay: true,
        };
        assert_eq!(read("--stay --config a.json --practice"), Ok(Wish::Run(wanted)));
        assert_eq!(read(""), Ok(Wish::Run(Options::default())));
    }

    #[test]
    fn a_misspelt_option_is_named() {
        assert!(read("--confg a.json").unwrap_err().contains("--confg"));
        assert!(read("--config").unwrap_err().contains("file"));
    }
}
