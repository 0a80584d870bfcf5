//! Macros for pairs of types that say the same in the same words.

/// A pair of structs: `both_structs!(Party { name, number })`.
macro_rules! both_structs {
    ($($name:ident { $($field:ident),* $(,)? })+) => {
        $(
            one_struct!(parley_engine::$name => crate::$name { $($field),* });
            one_struct!(crate::$name => parley_engine::$name { $($field),* });
        )+
    };
}

/// A pair of enums: `both_enums!(Outcome { Unit, Named { field }, Tuple(value) })`.
macro_rules! both_enums {
    ($($name:ident { $($variant:ident $({ $($field:ident),* $(,)? })? $(($value:ident))?),* $(,)? })+) => {
        $(
            one_enum!(parley_engine::$name => crate::$name { $($variant $({ $($field),* })? $(($value))?),* });
            one_enum!(crate::$name => parley_engine::$name { $($variant $({ $($field),* })? $(($value))?),* });
        )+
    };
}

/// One direction of a struct.
macro_rules! one_struct {
    ($from:path => $to:path { $($field:ident),* $(,)? }) => {
        impl $crate::convert::Convert<$to> for $from {
            fn convert(self) -> $to {
                let $from { $($field),* } = self;
                $to { $($field: $field.convert()),* }
            }
        }

        impl From<$from> for $to {
            fn from(value: $from) -> Self {
                $crate::convert::Convert::convert(value)
            }
        }
    };
}

/// One direction of an enum.
macro_rules! one_enum {
    ($from:path => $to:path { $($variant:ident $({ $($field:ident),* $(,)? })? $(($value:ident))?),* $(,)? }) => {
        impl $crate::convert::Convert<$to> for $from {
            fn convert(self) -> $to {
                use $from as From_;
                use $to as To;
                match self {
                    $(From_::$variant $({ $($field),* })? $(($value))? =>
                        To::$variant $({ $($field: $field.convert()),* })? $(($value.convert()))?,)*
                }
            }
        }

        impl From<$from> for $to {
            fn from(value: $from) -> Self {
                $crate::convert::Convert::convert(value)
            }
        }
    };
}
