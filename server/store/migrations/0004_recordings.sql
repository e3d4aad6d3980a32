-- Recordings: a file each (DATA/recordings/<id>.rec); here is what the log says of them.
CREATE TABLE recordings (
    id          TEXT PRIMARY KEY,
    meeting     TEXT NOT NULL,
    item        TEXT NOT NULL,
    case_id     TEXT NOT NULL,
    state       TEXT NOT NULL,                   -- begun, ended, lost, removed
    began_us    INTEGER NOT NULL,                -- of its first sound
    until_us    INTEGER NOT NULL,                -- is removed after this
    duration_ms INTEGER NOT NULL DEFAULT 0,
    bytes       INTEGER NOT NULL DEFAULT 0,
    sha256      TEXT NOT NULL DEFAULT '',
    was_cut     INTEGER NOT NULL DEFAULT 0,
    removed_us  INTEGER NOT NULL DEFAULT 0,
    removed_why TEXT NOT NULL DEFAULT '',        -- asked, expired
    removed_by  TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX recordings_case ON recordings (case_id, began_us);
CREATE INDEX recordings_meeting ON recordings (meeting, began_us);
CREATE INDEX recordings_until ON recordings (until_us) WHERE state <> 'removed';
CREATE INDEX recordings_begun ON recordings (state) WHERE state = 'begun';
CREATE TABLE recording_spans (
    n         INTEGER PRIMARY KEY,
    recording TEXT NOT NULL REFERENCES recordings (id),
    kind      TEXT NOT NULL,                     -- turn, off
    from_ms   INTEGER NOT NULL,
    to_ms     INTEGER NOT NULL,
    seat      TEXT NOT NULL,
    person    TEXT NOT NULL,
    name      TEXT NOT NULL
) STRICT;
CREATE INDEX recording_spans_recording ON recording_spans (recording, from_ms);
