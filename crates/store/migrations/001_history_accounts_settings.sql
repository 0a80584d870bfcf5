-- Accounts. There is no column for a password, and there must never be one: it is in the system's keyring.
CREATE TABLE account (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    position       INTEGER NOT NULL,
    name           TEXT NOT NULL,
    tag            TEXT NOT NULL,
    colour         INTEGER NOT NULL,
    display_name   TEXT NOT NULL,
    user           TEXT NOT NULL,
    domain         TEXT NOT NULL,
    auth_user      TEXT,
    outbound_proxy TEXT,
    transport      TEXT NOT NULL,
    enabled        INTEGER NOT NULL
) STRICT;

-- Calls. `account` is not a foreign key: the entry outlives its account. Instants are milliseconds since 1970.
CREATE TABLE history (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    account       INTEGER NOT NULL,
    line          TEXT NOT NULL,
    direction     TEXT NOT NULL,
    outcome       TEXT NOT NULL,
    name          TEXT NOT NULL,
    number        TEXT NOT NULL,
    address       TEXT NOT NULL,
    reached       TEXT NOT NULL,
    called        TEXT NOT NULL,
    started_at    INTEGER NOT NULL,
    answered_at   INTEGER,
    ended_at      INTEGER,
    last_known_at INTEGER NOT NULL,
    reason        TEXT NOT NULL DEFAULT '',
    unseen        INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX history_by_outcome ON history (outcome);
CREATE INDEX history_unseen ON history (unseen) WHERE unseen = 1;

-- What a search reads, in a narrow table of its own: names and numbers spelled for search, and digits alone.
CREATE TABLE history_search (
    id     INTEGER PRIMARY KEY REFERENCES history (id) ON DELETE CASCADE,
    folded TEXT NOT NULL,
    digits TEXT NOT NULL
) STRICT;

CREATE TABLE setting (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE custom_parameter (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
