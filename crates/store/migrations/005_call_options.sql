-- How an account handles calls: forwarding, codes of the telephone system, … A row that is not there has its default.
CREATE TABLE account_option (
    account INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    key     TEXT NOT NULL,
    value   TEXT NOT NULL,
    PRIMARY KEY (account, key)
) STRICT, WITHOUT ROWID;

-- The entry of the call that was sent on, and because of which this one was dialled. It may be deleted since.
ALTER TABLE history ADD COLUMN follows INTEGER;
