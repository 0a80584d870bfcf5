//! SIP for user agents and small servers, without IO: wire codec, transactions, dialogs, sessions, registration.
