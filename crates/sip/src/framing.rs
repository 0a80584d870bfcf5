//! Cutting a stream into messages (RFC 3261 section 18.3, RFC 5626 section 4.4.1).
