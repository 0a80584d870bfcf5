CREATE TABLE pop_rule (
    account INTEGER PRIMARY KEY REFERENCES account (id) ON DELETE CASCADE,
    mode    TEXT NOT NULL,
    target  TEXT NOT NULL
) STRICT;

-- Targets are masked before they come here.
CREATE TABLE pop_log (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    entry   INTEGER NOT NULL REFERENCES history (id) ON DELETE CASCADE,
    caller  TEXT NOT NULL,
    at      INTEGER NOT NULL,
    cause   TEXT NOT NULL,
    target  TEXT NOT NULL,
    outcome TEXT NOT NULL,
    millis  INTEGER NOT NULL DEFAULT 0,
    text    TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX pop_log_by_entry ON pop_log (entry);

ALTER TABLE history ADD COLUMN pop TEXT NOT NULL DEFAULT '';

-- Headers of the invitation, so that a screen pop can be opened again after a restart.
CREATE TABLE history_header (
    entry    INTEGER NOT NULL REFERENCES history (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    name     TEXT NOT NULL,
    value    TEXT NOT NULL,
    PRIMARY KEY (entry, position)
) STRICT, WITHOUT ROWID;
