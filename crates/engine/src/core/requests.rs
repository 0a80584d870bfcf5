//! What a person or a script asks. Each request is answered exactly once, some of them after the disk has spoken.
use super::convert;
use super::link_presence::NOTE;
use super::pending::Pending;
use super::{AskId, Core, Effect, StoreCommand, dial, words};
use crate::{HistoryFilter, Others, PresenceState, Refusal, RefusalCode, Reply, Request, Settings};
use parley_call::{CallId, Command, OnAnswer};
use parley_screenpop::{custom_name_allowed, scheme_allowed};
use parley_store::{AccountId, Filter, HistoryId, Query, WatchId};

/// Entries in a page when nobody says how many.
const PAGE: u32 = 50;
/// Entries in a page, at most.
const LARGEST_PAGE: u32 = 500;

impl Core {
    pub(super) fn request(&mut self, ask: AskId, request: Request) {
        if let Some(answer) = self.answer_to(ask, request) {
            self.reply(ask, answer);
        }
    }

    /// `None`: the answer comes later.
    fn answer_to(&mut self, ask: AskId, request: Request) -> Option<Result<Reply, Refusal>> {
        Some(match request {
            Request::Snapshot => Ok(Reply::Snapshot {
                snapshot: Box::new(self.snapshot()),
            }),
            Request::ReadTarget { text } => dial::read(&text).map(|target| Reply::Target {
                target: target.text(),
                shown: target.shown(),
            }),
            Request::Dial {
                target,
                account,
                anonymous,
            } => self.dial(&target, account, anonymous),
            Request::Swap { call } => self.command(call, Command::Swap),
            Request::Forward { call, target } => {
                dial::read(&target).and_then(|target| self.command(call, Command::Forward { target: target.text() }))
            }
            Request::Consult { call, target } => self.consult(CallId(call), &target),
            Request::CompleteTransfer { call, with } => {
                let with = with.map(CallId);
                self.command(call, Command::CompleteTransfer { with })
            }
            Request::CancelConsult { call } => self.command(call, Command::CancelConsult),
            Request::Conference { calls } => self.confer(calls),
            Request::LeaveConference { call } => self.command(call, Command::LeaveConference),
            Request::FollowRedirect { call, target } => self.follow_redirect(CallId(call), &target),
            Request::AnswerReferral { call, accept: true } => self.accept_referral(CallId(call)),
            Request::AnswerReferral { call, accept: false } => self.command(call, Command::RefuseReferral),
            Request::Park { call, place } => self.park(CallId(call), place.as_deref()),
            Request::PickUpNumber { number, account } => self.pick_up_number(number.as_deref(), account),
            Request::Redial => self.redial(),
            Request::Answer { call, others } => {
                let others = match others {
                    Others::Hold => OnAnswer::Hold,
                    Others::End => OnAnswer::End,
                };
                self.command(call, Command::Answer { others })
            }
            Request::Decline { call } => self.command(call, Command::Decline),
            Request::Silence { call } => self.command(call, Command::Silence),
            Request::HangUp { call } => self.command(call, Command::HangUp),
            Request::Hold { call } => self.command(call, Command::Hold),
            Request::Resume { call } => self.command(call, Command::Resume),
            Request::Mute { call, on } => self.command(call, Command::Mute(on)),
            Request::SendDigits { call, digits } => self.command(call, Command::SendDigits(digits)),
            Request::Transfer { call, target } => {
                dial::read(&target).and_then(|target| self.command(call, Command::Transfer { target: target.text() }))
            }
            Request::Record { call, on } => self.set_recording(CallId(call), on),
            Request::PauseRecording { call, on } => self.pause_recording(CallId(call), on),
            Request::PlayRecording { entry, at_ms } => return self.play_recording(ask, HistoryId(entry), at_ms),
            Request::PausePlayback { on } => {
                self.out.push_back(Effect::PausePlayback(on));
                Ok(Reply::Done)
            }
            Request::StopPlayback => {
                self.stop_playback();
                Ok(Reply::Done)
            }
            Request::OpenPop { call } => self.open_by_hand(CallId(call)),
            Request::RetryPop { pop } => {
                self.retry(ask, pop);
                return None;
            }
            Request::SetPresence { state, note } => self.set_presence(state, note),
            Request::SaveWatch { watch } => return self.save_watch(ask, watch),
            Request::RemoveWatch { watch } => self.remove_watch(WatchId(watch)),
            Request::PickUp { watch } => self.pick_up(WatchId(watch)),
            Request::CallVoicemail { account } => self.call_voicemail(account),
            Request::SendMessage { account, target, text } => self.send_message(account, &target, &text),
            Request::Messages { peer, before, limit } => {
                let limit = limit.unwrap_or(PAGE).clamp(1, LARGEST_PAGE);
                self.page_of_messages(ask, peer, before, limit);
                return None;
            }
            Request::MarkMessagesSeen { peer } => self.messages_seen(peer),
            Request::SaveAccount { account } => return self.save_account(ask, account),
            Request::RemoveAccount { account } => self.remove_account(AccountId(account)),
            Request::RegisterNow { account } => self.register_now(AccountId(account)),
            Request::TrustCertificate { account, sha256 } => {
                return self.trust_certificate(ask, AccountId(account), &sha256);
            }
            Request::ChooseLine { account } => self.choose_line(AccountId(account)),
            Request::SearchHistory {
                text,
                filter,
                before,
                limit,
            } => {
                let filter = match filter {
                    HistoryFilter::All => Filter::All,
                    HistoryFilter::Missed => Filter::Missed,
                };
                let limit = limit.unwrap_or(PAGE).clamp(1, LARGEST_PAGE);
                self.search(
                    ask,
                    Query {
                        text,
                        filter,
                        before: before.map(HistoryId),
                        limit,
                    },
                );
                return None;
            }
            Request::DeleteHistory { entries } => {
                self.asks.insert(ask, Pending::Deleting);
                self.store(StoreCommand::Delete(ask, entries.into_iter().map(HistoryId).collect()));
                return None;
            }
            Request::ClearHistory => {
                self.asks.insert(ask, Pending::Deleting);
                self.store(StoreCommand::Clear(ask));
                return None;
            }
            Request::MarkSeen => {
                self.store(StoreCommand::MarkSeen);
                Ok(Reply::Done)
            }
            Request::SavePopRule { rule } => self.save_rule(rule),
            Request::PreviewPop { rule, entry } => {
                self.preview(ask, rule, entry);
                return None;
            }
            Request::ChooseDevice { role, device } => self.choose_device(role, device),
            Request::PreferDevices { role, devices } => self.prefer_devices(role, devices),
            Request::MeterSound { on } => {
                self.meter(on);
                Ok(Reply::Done)
            }
            Request::TestSound { role } => {
                if self.test_sound(role) {
                    Ok(Reply::Done)
                } else {
                    Err(Refusal::new(
                        RefusalCode::NotNow,
                        "Sound is in use by a call. Try again after it.",
                    ))
                }
            }
            Request::SaveSettings { settings } => self.save_settings(settings),
            Request::DismissNotice { key } => {
                self.no_notice(&key);
                Ok(Reply::Done)
            }
        })
    }

    pub(super) fn command(&mut self, call: u64, command: Command) -> Result<Reply, Refusal> {
        self.board
            .command(self.now.instant, CallId(call), command)
            .map_err(words::refused)?;
        self.changes.calls.insert(CallId(call));
        Ok(Reply::Done)
    }

    fn set_presence(&mut self, state: PresenceState, note: Option<String>) -> Result<Reply, Refusal> {
        if let Some(note) = note {
            let note: String = words::clean(&note).chars().take(NOTE).collect();
            self.note = (!note.is_empty()).then_some(note);
        }
        self.presence = state;
        self.changes.presence = true;
        self.use_policy();
        Ok(Reply::Done)
    }

    fn save_settings(&mut self, settings: Settings) -> Result<Reply, Refusal> {
        for scheme in &settings.allowed_schemes {
            scheme_allowed(scheme).map_err(|why| Refusal::invalid("allowedSchemes", why.to_string()))?;
        }
        for name in settings.custom_parameters.keys() {
            custom_name_allowed(name).map_err(|why| Refusal::invalid("customParameters", why.to_string()))?;
        }
        for number in &settings.emergency_numbers {
            if number.is_empty()
                || number.len() > 20
                || !number.chars().all(|c| c.is_ascii_digit() || "+*#".contains(c))
            {
                return Err(Refusal::invalid(
                    "emergencyNumbers",
                    "An emergency number has digits only, like 112.",
                ));
            }
        }
        if settings.emergency_numbers.len() > 50 {
            return Err(Refusal::invalid("emergencyNumbers", "These are too many numbers."));
        }
        if !(settings.tone_country.is_empty()
            || settings.tone_country.len() == 2 && settings.tone_country.bytes().all(|c| c.is_ascii_alphabetic()))
        {
            return Err(Refusal::invalid("toneCountry", "A country has two letters, like DE."));
        }
        if settings.ring_volume > 100 {
            return Err(Refusal::invalid("ringVolume", "The volume goes from 0 to 100."));
        }
        if self.config.settings.is_none() {
            self.store(StoreCommand::SaveSettings(settings.clone().into()));
        }
        self.use_settings(settings);
        Ok(Reply::Done)
    }

    /// Settings that count from now on.
    pub(super) fn use_settings(&mut self, settings: Settings) {
        self.out.push_back(Effect::RingVolume(settings.ring_volume.min(100)));
        self.settings = settings;
        self.tell_sounds();
        self.tell_voice();
        self.changes.settings = true;
        self.use_policy();
        let calls: Vec<CallId> = self.calls.keys().copied().collect();
        self.changes.calls.extend(calls);
    }

    pub(super) fn tell_voice(&mut self) {
        let voice = convert::voice_for_media(&self.settings.voice, self.config.process_files);
        self.out.push_back(Effect::Voice(voice));
    }

    fn use_policy(&mut self) {
        let policy = parley_call::Policy {
            do_not_disturb: self.presence == PresenceState::DoNotDisturb,
            mute_second_ring: self.settings.mute_calls_during_call,
            ..self.board.policy().clone()
        };
        self.board.set_policy(policy);
    }
}
