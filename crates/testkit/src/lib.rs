//! Development only: virtual clock, lossy in-memory network, scripted SIP peer.
