//! The command line: `parley [--practice] [--register-links] [--version] [NUMBER-OR-LINK]`.

/// What a start was asked for.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Start the practice exchange even when there are accounts.
    pub practice: bool,
    /// Make this very program the one that opens `tel:` and `sip:` links; a package does it when it is installed.
    pub register_links: bool,
    /// Say the version and end.
    pub version: bool,
    /// A number, an address or a link for the dial field.
    pub text: Option<String>,
}

impl Options {
    /// Of this process; `PARLEY_PRACTICE` in the environment is the same as `--practice`.
    pub fn from_command_line() -> Self {
        let arguments: Vec<String> = std::env::args_os()
            .map(|argument| argument.to_string_lossy().into_owned())
            .collect();
        let mut options = Self::read(&arguments);
        options.practice |= std::env::var_os("PARLEY_PRACTICE").is_some_and(|value| !value.is_empty() && value != "0");
        options
    }

    /// Of a list of arguments, the program's own name first. Unknown options are left alone: desktops add their own.
    pub fn read(arguments: &[String]) -> Self {
        let mut options = Self::default();
        for argument in arguments.iter().skip(1) {
            match argument.as_str() {
                "--practice" => options.practice = true,
                "--register-links" => options.register_links = true,
                "--version" => options.version = true,
                option if option.starts_with('-') => {}
                text => options.text = options.text.or_else(|| Some(text.to_owned())),
            }
        }
        options
    }
}

#[cfg(test)]
mod tests {
    use super::Options;

    fn read(line: &str) -> Options {
        Options::read(&line.split(' ').map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn a_link_is_read_beside_options_in_any_order() {
        let wanted = Options {
            practice: true,
            text: Some("tel:+441".into()),
            ..Options::default()
        };
        assert_eq!(read("parley --practice tel:+441"), wanted);
        assert_eq!(read("parley tel:+441 --gtk-something --practice ignored"), wanted);
    }

    #[test]
    fn a_bare_start_asks_for_nothing() {
        assert_eq!(read("parley"), Options::default());
    }
}
