//! The engine's plain types and the contract's serialisable ones, turned into each other.
//!
//! Each conversion takes its value apart without `..` and puts the other one together without `..`: a field or variant that
//! is only on one side does not compile.

#[macro_use]
mod same;
mod event;
mod refusal;
mod request;
mod view;

/// Turns a value into its counterpart; unlike `From` it reaches into `Option`, `Vec` and `Box`.
pub(crate) trait Convert<T> {
    fn convert(self) -> T;
}

impl<A: Convert<B>, B> Convert<Option<B>> for Option<A> {
    fn convert(self) -> Option<B> {
        self.map(Convert::convert)
    }
}

impl<A: Convert<B>, B> Convert<Vec<B>> for Vec<A> {
    fn convert(self) -> Vec<B> {
        self.into_iter().map(Convert::convert).collect()
    }
}

impl<A: Convert<B>, B> Convert<Box<B>> for Box<A> {
    fn convert(self) -> Box<B> {
        Box::new((*self).convert())
    }
}

macro_rules! as_it_is {
    ($($kind:ty),+ $(,)?) => {
        $(impl Convert<$kind> for $kind {
            fn convert(self) -> $kind {
                self
            }
        })+
    };
}

as_it_is!(bool, u8, u32, u64, i64, f32, String, std::collections::BTreeMap<String, String>);
