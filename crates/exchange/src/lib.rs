//! The embedded practice exchange: registrar, forking proxy and practice lines on loopback.
