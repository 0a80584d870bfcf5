//! RTP sessions, codecs, jitter buffer, tones, devices.
