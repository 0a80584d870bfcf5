-- Whom a person watches, in the person's order.
CREATE TABLE watch (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    position INTEGER NOT NULL,
    account  INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    target   TEXT NOT NULL,
    label    TEXT NOT NULL
) STRICT;

-- Short messages. As with calls, `account` is not a foreign key: a message outlives its account.
CREATE TABLE message (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    account  INTEGER NOT NULL,
    line     TEXT NOT NULL,
    peer     TEXT NOT NULL,
    name     TEXT NOT NULL,
    number   TEXT NOT NULL,
    incoming INTEGER NOT NULL,
    text     TEXT NOT NULL,
    at       INTEGER NOT NULL,
    outcome  TEXT NOT NULL,
    reason   TEXT NOT NULL DEFAULT '',
    unseen   INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX message_by_peer ON message (peer, id);
CREATE INDEX message_unseen ON message (unseen) WHERE unseen = 1;
