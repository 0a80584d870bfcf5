//! Views.

both_structs! {
    PresenceView { state, on_call, note }
    Notice { key, level, text }
    AccountView {
        id, name, tag, colour, display_name, user, domain, auth_user, outbound_proxy, transport, ws_path,
        pinned_certificate, enabled, chosen, password, registration, options, outages, refused,
        voicemail,
    }
    OutageView { from, to }
    RefusedView { ghost_calls, strangers, flooding, malformed, false_proofs }
    AccountDraft {
        id, name, display_name, user, domain, auth_user, outbound_proxy, transport, ws_path, pinned_certificate,
        enabled, password, options,
    }
    AccountOptions {
        forwarding, codes, anonymous, auto_answer, referrals, trusted_identity, call_from_anyone, codecs, own_codec_order,
        pauses, keys, gruu, encryption,
    }
    Forwarding { always, busy, no_answer }
    BusyForward { target, do_not_disturb, on_call }
    LateForward { target, after_seconds }
    Codes { park, pick_up, voicemail }
    CertificateView { sha256, subject, issuer, names, valid_from, valid_to, fault, trusted_before }
    CallView {
        id, account, direction, state, remote, number, called, started_at, answered_at, held_by_us, held_by_them,
        hold_pending, muted, silenced, ring, digits, digits_heard, transfer, media, silent_seconds, pop, can_pop, variables,
        timeline, consult, conference, referral, emergency, anonymous, auto_answered, follows, redirects,
        encryption, end,
    }
    EncryptionView { level, cipher }
    ConsultView { with, role }
    ReferralView { target, by }
    Redirect { target, shown }
    Party { name, number, address, company }
    TransferView { target, with, state, text }
    MediaView {
        codec, sent, received, lost_percent, jitter_ms, round_trip_ms, buffer_ms, late, made_up_percent,
        remote_lost_percent, level_in, level_out, mos, bars,
    }
    Variable { name, source, value }
    TimelineItem { at, text }
    EndView { reason, text, at }
    HistoryEntry {
        id, account, line, direction, outcome, name, number, address, reached, called, started_at, talk_seconds,
        ring_seconds, reason, pop, unseen, can_call_back, follows, quality,
    }
    CallQuality { codec, mos_hundredths, made_up_permille, jitter_ms, round_trip_ms }
    UnseenView { missed, messages }
    PopRule { account, mode, target }
    PopLogEntry { id, entry, caller, at, trigger, target, outcome }
    PopPreview { kind, pieces, unknown }
    PopPiece { text, source }
    UnknownVariable { name, suggestion }
    Settings {
        theme, mute_calls_during_call, allowed_schemes, custom_parameters, dial_links_at_once, on_close,
        ring_volume, alert_unreachable, emergency_numbers,
    }
    SoundView { inputs, outputs, microphone, speaker, ring, silent }
    SoundDevice { id, name }
    WatchView { id, account, target, label, presence, lamp, pick_up }
    WatchDraft { id, account, target, label }
    WatchPresence { state, note, on_the_phone }
    Voicemail { waiting, new, old, target }
    MessageView { id, account, line, peer, name, number, incoming, text, at, outcome, reason, unseen }
}

both_enums! {
    PresenceState { Online, Away, Busy, DoNotDisturb, Invisible }
    WatchState { Offline, Online, Away, Busy, DoNotDisturb }
    Lamp { Unknown, Idle, Ringing { caller }, Busy, Held }
    MessageOutcome { Received, Sending, Delivered, Accepted, Failed, Unknown }
    NoticeLevel { Info, Warning, Error }
    Transport { Auto, Udp, Tcp, Tls, Ws, Wss }
    PasswordState { None, Keyring, ThisRun, Asking }
    RegistrationView {
        Off, Registering { since }, Registered { since, proven_at, expires_at, server },
        Failed { since, reason, text, retry_at, certificate },
    }
    RegistrationReason {
        WrongPassword, NoPassword, UnknownDomain, UnknownUser, NoAnswer, Unreachable, Refused, UntrustedCertificate,
        CertificateChanged,
    }
    Direction { Incoming, Outgoing }
    Encryption { Off, Preferred, Required }
    EncryptionLevel { None, KeyExposed, Full }
    CallState { Calling, Ringing, EarlyMedia, Incoming, Answering, Active, Ended }
    RingLevel { Off, Subtle, Normal }
    TransferState { Pending, Ringing, Done, Failed }
    VariableSource { Call, Header, Custom }
    EndReason {
        HungUpHere, HungUpThere, Cancelled, Missed, Declined, DoNotDisturb, AnsweredElsewhere, Busy, Refused,
        NotFound, Unavailable, NoAnswer, Forbidden, NoCommonCodec, Lost, ServerError, Transferred, Forwarded, Redirected, Replaced,
        Other,
    }
    Outcome { InProgress, Answered, Missed, Declined, Cancelled, Failed, AnsweredElsewhere, Forwarded, Interrupted }
    ConsultRole { Waiting, Asked }
    ReferralPolicy { Ask, Always, Never }
    AudioCodec { Opus, G722, Pcma, Pcmu, G729 }
    KeyMethod { Events, Info, Tones }
    PopMode { OnIncoming, AfterAnswer, Manual, Disabled }
    PopTrigger { Incoming, Answered, Manual }
    PopOutcome { Opening, Opened { millis }, Failed { text } }
    PopKind { Web, Program }
    Theme { System, Light, Dark }
    OnClose { Ask, Hide, Quit }
    SoundRole { Microphone, Speaker, Ring }
}
