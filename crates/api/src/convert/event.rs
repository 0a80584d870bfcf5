//! The event stream. Only out of the engine: the desktop's own events have no counterpart inside.

one_enum!(parley_engine::Event => crate::Event {
    Update { seq, upserts, removals }, Levels { microphone, speaker }, Playback { entry, at_ms, length_ms, paused }, Prefill { target },
});
one_enum!(parley_engine::View => crate::View {
    Account(value), Call(value), Presence(value), Settings(value), Sound(value), History(value), Unseen(value), PopRule(value),
    Pop(value), Watch(value), Message(value), Notice(value),
});
both_enums! {
    ViewRef { Account(value), Call(value), History(value), AllHistory, Watch(value), Notice(value) }
}
both_structs! {
    Snapshot {
        seq, accounts, calls, presence, settings, sound, history, unseen, pops, pop_rules, watches, messages, notices, version, practice,
    }
}
