//! Short messages between the person, the disk and the SIP endpoint.
use super::link_accounts::no_account;
use super::link_history::storage;
use super::pending::Pending;
use super::words::{self, clean};
use super::{AskId, Core, MessageKey, StoreCommand, dial, facts, sip_account};
use crate::{MessageView, NoticeLevel, Refusal, RefusalCode, Reply};
use parley_sip::NameAddr;
use parley_sip::endpoint::{MessageId, MessageOutcome, Refused};
use parley_store::{AccountId, NewMessage};
use std::collections::{HashMap, VecDeque};

/// Messages a snapshot shows.
const SHOWN: usize = 100;
/// Characters of a message in its notice.
const GLIMPSE: usize = 120;
/// The notice of a message that came in.
const NOTICE: &str = "message";

/// Messages of this run, and the newest ones.
#[derive(Debug, Default)]
pub(crate) struct Messages {
    /// Newest first.
    pub newest: VecDeque<MessageView>,
    /// Without an answer yet.
    sent: HashMap<MessageId, MessageKey>,
    last: u64,
    pub unseen: u32,
}

impl Core {
    /// Sends a text.
    pub(super) fn send_message(&mut self, account: Option<u64>, target: &str, text: &str) -> Result<Reply, Refusal> {
        let target = dial::read(target)?;
        let id = account.map(AccountId).or(self.chosen).ok_or_else(|| {
            Refusal::new(
                RefusalCode::NoAccount,
                "There is no line to write from. Add an account first.",
            )
        })?;
        let account = self.account(id).ok_or_else(no_account)?;
        let server = account.server().ok_or_else(no_account)?;
        let (line, uri) = (account.data.name.clone(), target.uri(&server));
        let peer = facts::address(&uri, &target.number(), Some(&server.host));
        let sent = self
            .sip
            .message(self.now.instant, sip_account(id), uri, text)
            .map_err(refused)?;
        let key = self.new_message();
        self.messages.sent.insert(sent, key);
        let message = NewMessage {
            account: id,
            line,
            peer,
            name: String::new(),
            number: target.number(),
            incoming: false,
            text: text.trim().to_owned(),
            at: self.now.unix_ms,
        };
        self.store(StoreCommand::AddMessage(key, message));
        Ok(Reply::Done)
    }

    /// What became of it.
    pub(super) fn message_sent(&mut self, id: MessageId, outcome: &MessageOutcome) {
        use parley_store::MessageOutcome as Kept;
        let Some(key) = self.messages.sent.remove(&id) else {
            return;
        };
        let (outcome, reason) = match outcome {
            MessageOutcome::Delivered => (Kept::Delivered, String::new()),
            MessageOutcome::Accepted => (Kept::Accepted, String::new()),
            MessageOutcome::NoAnswer => (Kept::Unknown, words::message(outcome)),
            other => (Kept::Failed, words::message(other)),
        };
        self.store(StoreCommand::MessageOutcome(key, outcome, reason));
    }

    /// One came in.
    pub(super) fn message_received(&mut self, id: AccountId, from: &NameAddr, text: String) {
        let Some(account) = self.account(id) else { return };
        let server = account.server();
        let number = facts::number(from);
        let name = facts::name(from).filter(|name| *name != number).unwrap_or_default();
        let message = NewMessage {
            account: id,
            line: account.data.name.clone(),
            peer: facts::address(&from.uri, &number, server.as_ref().map(|server| &server.host)),
            name,
            number,
            incoming: true,
            text,
            at: self.now.unix_ms,
        };
        let who = if message.name.is_empty() {
            &message.number
        } else {
            &message.name
        };
        let glimpse: String = clean(&message.text.replace('\n', " ")).chars().take(GLIMPSE).collect();
        let text = format!("{who}: {glimpse}");
        self.notice(NOTICE, NoticeLevel::Info, text);
        let key = self.new_message();
        self.store(StoreCommand::AddMessage(key, message));
    }

    /// A page of messages.
    pub(super) fn page_of_messages(&mut self, ask: AskId, peer: Option<String>, before: Option<u64>, limit: u32) {
        self.asks.insert(ask, Pending::Messages);
        let before = before.map(parley_store::MessageId);
        self.store(StoreCommand::Messages(ask, peer, before, limit));
    }

    /// The messages of a conversation, or all, were looked at.
    pub(super) fn messages_seen(&mut self, peer: Option<String>) -> Result<Reply, Refusal> {
        self.no_notice(NOTICE);
        self.store(StoreCommand::MarkMessagesSeen(peer));
        Ok(Reply::Done)
    }

    pub(super) fn messages_found(&mut self, ask: AskId, page: Result<(Vec<parley_store::Message>, bool), String>) {
        let Some(Pending::Messages) = self.asks.remove(&ask) else {
            return;
        };
        let answer = page.map_err(storage).map(|(messages, more)| Reply::Messages {
            messages: messages.into_iter().map(Into::into).collect(),
            more,
        });
        self.reply(ask, answer);
    }

    /// A message is new or changed.
    pub(super) fn message_changed(&mut self, message: MessageView) {
        let newest = &mut self.messages.newest;
        newest.retain(|known| known.id != message.id);
        let place = newest.partition_point(|known| known.id > message.id);
        newest.insert(place, message.clone());
        newest.truncate(SHOWN);
        self.changes.message(message);
    }

    fn new_message(&mut self) -> MessageKey {
        self.messages.last += 1;
        MessageKey(self.messages.last)
    }
}

fn refused(why: Refused) -> Refusal {
    match why {
        Refused::TooLong => Refusal::invalid("text", "The text is too long for one message. Send it in parts."),
        Refused::Empty => Refusal::invalid("text", "There is nothing to send."),
        Refused::TooMany => Refusal::new(
            RefusalCode::NotNow,
            "Too many messages wait for their answers. Try again in a moment.",
        ),
        Refused::NoSuchAccount => no_account(),
        other => Refusal::new(RefusalCode::NotDialable, format!("This cannot be written to: {other}.")).about("target"),
    }
}
