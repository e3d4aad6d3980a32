-- Room systems: a token each, of which the digest is kept.
CREATE TABLE devices (
    id         TEXT PRIMARY KEY,
    board      TEXT NOT NULL,
    meeting    TEXT NOT NULL DEFAULT '',  -- '': every meeting of the board
    items      TEXT NOT NULL,             -- JSON list of ids; []: all of the meeting
    name       TEXT NOT NULL,
    site       TEXT NOT NULL,
    token      TEXT NOT NULL UNIQUE,
    vouches    INTEGER NOT NULL,
    by         TEXT NOT NULL,
    made_us    INTEGER NOT NULL,
    until_us   INTEGER NOT NULL,
    used_us    INTEGER NOT NULL DEFAULT 0,
    revoked_us INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX devices_board ON devices (board, made_us);
