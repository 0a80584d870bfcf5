//! Requests and replies.

both_enums! {
    Request {
        Snapshot, ReadTarget { text }, Dial { target, account, anonymous }, Answer { call, others }, Decline { call },
        Silence { call }, HangUp { call }, Hold { call }, Resume { call }, Mute { call, on },
        SendDigits { call, digits }, Transfer { call, target }, Swap { call }, Forward { call, target },
        Consult { call, target }, CompleteTransfer { call, with }, CancelConsult { call }, Conference { calls },
        LeaveConference { call }, FollowRedirect { call, target }, AnswerReferral { call, accept }, Park { call, place },
        PickUpNumber { number, account }, Redial, OpenPop { call }, Record { call, on }, PauseRecording { call, on },
        PlayRecording { entry, at_ms }, PausePlayback { on }, StopPlayback, RetryPop { pop },
        SetPresence { state, note }, SaveWatch { watch }, RemoveWatch { watch }, PickUp { watch },
        CallVoicemail { account }, SendMessage { account, target, text }, Messages { peer, before, limit },
        MarkMessagesSeen { peer }, SaveAccount { account }, RemoveAccount { account }, RegisterNow { account },
        TrustCertificate { account, sha256 }, ChooseLine { account }, SearchHistory { text, filter, before, limit }, DeleteHistory { entries },
        ClearHistory, MarkSeen, SavePopRule { rule }, PreviewPop { rule, entry }, ChooseDevice { role, device },
        PreferDevices { role, devices }, MeterSound { on }, TestSound { role }, SaveSettings { settings }, DismissNotice { key },
    }
    Others { Hold, End }
    HistoryFilter { All, Missed }
    Reply {
        Done, Snapshot { snapshot }, Target { target, shown }, Call { call }, Account { account, password },
        History { entries, more }, Watch { watch }, Messages { messages, more }, PopPreview { preview },
    }
}
