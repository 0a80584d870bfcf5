//! Refusals, which the contract calls errors.

one_struct!(parley_engine::Refusal => crate::ApiError { code, message, field });
one_enum!(parley_engine::RefusalCode => crate::ErrorCode {
    NoSuchCall, NoSuchAccount, NoSuchEntry, NotNow, NoAccount, NotDialable, Invalid, NoKeyring, Storage, Internal,
});
