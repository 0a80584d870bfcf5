//! From a call and a rule to "open exactly this": templates, variables, encoding. No IO.
//!
//! A [`Template`] is parsed once, when the rule is saved; whatever could send a pop somewhere else is refused there
//! ([`TemplateError`]). [`Template::fill`] puts the [`Facts`] of one call into it, in one pass: a value is never read as
//! a template, as a part of a URL's structure, as another argument or as an option. [`Filled::resolve`] says what to
//! open; the caller opens it, without a shell.
//!
//! # The language of templates
//!
//! * `$name$`, name being `[A-Za-z0-9_]+`: `$caller$`, `$caller_name$`, `$number$`, `$called$`, or one of the user's own
//!   parameters. Built-in names win. A name nobody knows becomes empty and is reported with the nearest known name.
//! * `[sip.Header-Name]`: the first such header of the invitation, empty when absent. Headers that RFC 3261 defines are
//!   refused: their values are `$caller$` and the like, or none of a web page's business.
//! * Any other `$` or `[` stands for itself; there is no escape. In a URL, `%24name%24` writes a literal `$name$`.
//! * `$name|modifier$` is read as one variable with an unknown name, so that modifiers can come later.
//!
//! # What is absent on purpose
//!
//! Starting programs, looking at the disk, deciding *when* to pop, and logging. Values are never trimmed to look nicer:
//! only control characters go, and lengths are capped.
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

mod arguments;
mod clean;
mod error;
mod facts;
mod filled;
mod header;
mod lex;
mod policy;
mod program;
mod template;
mod value;
mod web;

pub use error::{FillError, Place, TemplateError};
pub use facts::{Facts, Source, VariableRow, variables};
pub use filled::{Filled, MASK, Piece, Pop, Unknown};
pub use header::{HeaderRefused, header_allowed};
pub use policy::{Mode, NameRefused, Policy, SchemeRefused, custom_name_allowed, scheme_allowed};
pub use template::{Kind, Template};
