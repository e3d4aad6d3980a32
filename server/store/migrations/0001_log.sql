-- The log. A row is header, digest of the payload and hash; the payload lies in its compartment.
CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;

CREATE TABLE events (
    stream         BLOB    NOT NULL CHECK (length(stream) = 16),
    seq            INTEGER NOT NULL CHECK (seq > 0),
    stream_kind    INTEGER NOT NULL, -- 0 meeting, 1 case, 2 site
    kind           TEXT    NOT NULL,
    version        INTEGER NOT NULL,
    at_us          INTEGER NOT NULL,
    by             BLOB    NOT NULL CHECK (length(by) = 16),
    compartment    INTEGER NOT NULL, -- 0 clinical, 1 deliberation
    audience       INTEGER NOT NULL, -- 0 all, 1 item, 2 staff
    payload_digest BLOB    NOT NULL CHECK (length(payload_digest) = 32),
    prev           BLOB    NOT NULL CHECK (length(prev) = 32),
    hash           BLOB    NOT NULL CHECK (length(hash) = 32),
    PRIMARY KEY (stream, seq)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER events_are_final BEFORE UPDATE ON events BEGIN
    SELECT RAISE(ABORT, 'an event is never changed');
END;
CREATE TRIGGER events_stay BEFORE DELETE ON events BEGIN
    SELECT RAISE(ABORT, 'an event is never taken out');
END;

CREATE TABLE payload_clinical (
    stream BLOB    NOT NULL,
    seq    INTEGER NOT NULL,
    salt   BLOB    NOT NULL CHECK (length(salt) = 16),
    nonce  BLOB    NOT NULL CHECK (length(nonce) = 24),
    sealed BLOB    NOT NULL,
    PRIMARY KEY (stream, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE payload_deliberation (
    stream BLOB    NOT NULL,
    seq    INTEGER NOT NULL,
    salt   BLOB    NOT NULL CHECK (length(salt) = 16),
    nonce  BLOB    NOT NULL CHECK (length(nonce) = 24),
    sealed BLOB    NOT NULL,
    PRIMARY KEY (stream, seq)
) STRICT, WITHOUT ROWID;

-- Written while the disk fails, to see whether it works again; then emptied.
CREATE TABLE probe (
    id    INTEGER PRIMARY KEY,
    bytes BLOB NOT NULL
) STRICT;
