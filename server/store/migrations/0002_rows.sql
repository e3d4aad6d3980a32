-- Rows folded from the log. Ids are text, times microseconds, lists JSON. Nothing but
-- project_*.c writes here, in the transaction of the event.
CREATE TABLE persons (
    id            TEXT PRIMARY KEY,
    name          TEXT NOT NULL,
    specialty     TEXT NOT NULL,
    site          TEXT NOT NULL,
    email         TEXT NOT NULL COLLATE NOCASE,
    administrator INTEGER NOT NULL,
    password      TEXT NOT NULL DEFAULT '',
    pin           TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE UNIQUE INDEX persons_email ON persons (email) WHERE email <> '';
CREATE INDEX persons_name ON persons (name COLLATE NOCASE);

CREATE TABLE boards (
    id          TEXT PRIMARY KEY,
    name        TEXT NOT NULL,
    tumor_group TEXT NOT NULL,
    timezone    TEXT NOT NULL,
    rrule       TEXT NOT NULL,
    minutes     INTEGER NOT NULL,
    required    TEXT NOT NULL,
    objection_s INTEGER NOT NULL,
    members     TEXT NOT NULL
) STRICT;
CREATE TABLE board_members (
    board  TEXT NOT NULL REFERENCES boards (id),
    person TEXT NOT NULL,
    role   TEXT NOT NULL,
    PRIMARY KEY (board, person)
) STRICT, WITHOUT ROWID;
CREATE INDEX board_members_person ON board_members (person, board);

CREATE TABLE sessions (
    id         TEXT PRIMARY KEY,
    person     TEXT NOT NULL,
    token      TEXT NOT NULL UNIQUE,
    opened_us  INTEGER NOT NULL,
    until_us   INTEGER NOT NULL,
    how        TEXT NOT NULL,
    invitation TEXT NOT NULL,
    closed_us  INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE signin_links (
    token    TEXT PRIMARY KEY,
    person   TEXT NOT NULL,
    until_us INTEGER NOT NULL
) STRICT;
CREATE TABLE invitations (
    id        TEXT PRIMARY KEY,
    meeting   TEXT NOT NULL,
    person    TEXT NOT NULL,
    name      TEXT NOT NULL,
    specialty TEXT NOT NULL,
    site      TEXT NOT NULL,
    token     TEXT NOT NULL UNIQUE,
    until_us  INTEGER NOT NULL,
    by        TEXT NOT NULL,
    made_us   INTEGER NOT NULL,
    device    TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX invitations_meeting ON invitations (meeting);
CREATE INDEX invitations_person ON invitations (person);
CREATE TABLE invitation_items (
    invitation TEXT NOT NULL REFERENCES invitations (id),
    item       TEXT NOT NULL,
    PRIMARY KEY (invitation, item)
) STRICT, WITHOUT ROWID;
CREATE INDEX invitation_items_item ON invitation_items (item);

CREATE TABLE meetings (
    id          TEXT PRIMARY KEY,
    board       TEXT NOT NULL,
    board_name  TEXT NOT NULL,
    starts_us   INTEGER NOT NULL,
    minutes     INTEGER NOT NULL,
    timezone    TEXT NOT NULL,
    required    TEXT NOT NULL,
    objection_s INTEGER NOT NULL,
    members     TEXT NOT NULL,
    state       TEXT NOT NULL DEFAULT 'planned', -- planned, open, closed
    opened_us   INTEGER NOT NULL DEFAULT 0,
    closed_us   INTEGER NOT NULL DEFAULT 0,
    version     INTEGER NOT NULL DEFAULT 0       -- of the agenda
) STRICT;
CREATE INDEX meetings_board ON meetings (board, starts_us);
CREATE INDEX meetings_state ON meetings (state, starts_us);

CREATE TABLE items (
    id        TEXT PRIMARY KEY,
    meeting   TEXT NOT NULL REFERENCES meetings (id),
    place     INTEGER NOT NULL,
    case_id   TEXT NOT NULL,
    minutes   INTEGER NOT NULL,
    presenter TEXT NOT NULL,
    presenter_name TEXT NOT NULL,
    referrer  TEXT NOT NULL,
    referrer_name  TEXT NOT NULL,
    name      TEXT NOT NULL,
    birth_date TEXT NOT NULL,
    local_id  TEXT NOT NULL,
    diagnosis TEXT NOT NULL,
    stage     TEXT NOT NULL,
    question  TEXT NOT NULL,
    state     TEXT NOT NULL DEFAULT 'planned', -- planned, running, signed, deferred, left_open
    ended_us  INTEGER NOT NULL DEFAULT 0,
    plan      TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX items_meeting ON items (meeting, place);
CREATE INDEX items_case ON items (case_id);
CREATE INDEX items_referrer ON items (referrer);

CREATE TABLE cases (
    n             INTEGER PRIMARY KEY, -- rowid of the search index
    id            TEXT NOT NULL UNIQUE,
    version       INTEGER NOT NULL,
    record        TEXT NOT NULL,
    name          TEXT NOT NULL,
    birth_date    TEXT NOT NULL,
    local_id      TEXT NOT NULL,
    diagnosis     TEXT NOT NULL,
    stage         TEXT NOT NULL,
    question      TEXT NOT NULL,
    referrer      TEXT NOT NULL,
    referrer_name TEXT NOT NULL,
    author        TEXT NOT NULL,
    made_us       INTEGER NOT NULL,
    saved_us      INTEGER NOT NULL
) STRICT;
CREATE INDEX cases_referrer ON cases (referrer);
CREATE INDEX cases_author ON cases (author);
CREATE INDEX cases_saved ON cases (saved_us);

CREATE TABLE documents (
    id       TEXT PRIMARY KEY,
    case_id  TEXT NOT NULL,
    title    TEXT NOT NULL,
    kind     TEXT NOT NULL,
    bytes    INTEGER NOT NULL,
    sha256   TEXT NOT NULL,
    by       TEXT NOT NULL,
    added_us INTEGER NOT NULL,
    state    TEXT NOT NULL DEFAULT 'waiting', -- waiting, ready, partly, failed
    message  TEXT NOT NULL DEFAULT '',
    pages    TEXT NOT NULL DEFAULT '[]',
    removed  INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX documents_case ON documents (case_id, added_us);
CREATE INDEX documents_waiting ON documents (state) WHERE state = 'waiting';

CREATE TABLE plans (
    id            TEXT PRIMARY KEY,
    case_id       TEXT NOT NULL,
    version       INTEGER NOT NULL,
    supersedes    TEXT NOT NULL,
    meeting       TEXT NOT NULL,
    item          TEXT NOT NULL,
    begun_us      INTEGER NOT NULL,
    state         TEXT NOT NULL DEFAULT 'draft', -- draft, signed, amended, superseded, withdrawn
    text          TEXT NOT NULL DEFAULT '',
    line          TEXT NOT NULL DEFAULT '',      -- first line of the advice, for lists
    words         TEXT NOT NULL DEFAULT '',      -- what search finds
    digest        TEXT NOT NULL DEFAULT '',
    signature     TEXT NOT NULL DEFAULT '',
    key           TEXT NOT NULL DEFAULT '',
    signer        TEXT NOT NULL DEFAULT '',
    signer_name   TEXT NOT NULL DEFAULT '',
    signed_us     INTEGER NOT NULL DEFAULT 0,
    superseded_by TEXT NOT NULL DEFAULT '',
    state_reason  TEXT NOT NULL DEFAULT '',
    state_words   TEXT NOT NULL DEFAULT '',
    state_by_name TEXT NOT NULL DEFAULT '',
    state_us      INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX plans_case ON plans (case_id, version);
CREATE INDEX plans_item ON plans (item);
-- What was signed never changes, whatever the program believes.
CREATE TRIGGER plans_signed_are_final
BEFORE UPDATE OF text, digest, signature, key, signer, signer_name, signed_us, case_id, version ON plans
WHEN old.signed_us <> 0 BEGIN
    SELECT RAISE(ABORT, 'a signed plan is never changed');
END;
CREATE TABLE addenda (
    id          TEXT PRIMARY KEY,
    plan        TEXT NOT NULL REFERENCES plans (id),
    author      TEXT NOT NULL,
    author_name TEXT NOT NULL,
    at_us       INTEGER NOT NULL,
    reason      TEXT NOT NULL,
    text        TEXT NOT NULL,
    digest      TEXT NOT NULL,
    signature   TEXT NOT NULL
) STRICT;
CREATE INDEX addenda_plan ON addenda (plan, at_us);
CREATE TABLE cosigned (
    plan        TEXT NOT NULL REFERENCES plans (id),
    signer      TEXT NOT NULL,
    signer_name TEXT NOT NULL,
    role        TEXT NOT NULL,
    at_us       INTEGER NOT NULL,
    digest      TEXT NOT NULL,
    signature   TEXT NOT NULL,
    PRIMARY KEY (plan, signer)
) STRICT, WITHOUT ROWID;

CREATE TABLE views (
    n       INTEGER PRIMARY KEY,
    case_id TEXT NOT NULL,
    plan    TEXT NOT NULL,
    person  TEXT NOT NULL,
    at_us   INTEGER NOT NULL,
    how     TEXT NOT NULL
) STRICT;
CREATE INDEX views_case ON views (case_id, n);
CREATE INDEX views_plan ON views (plan) WHERE plan <> '';

CREATE VIRTUAL TABLE search USING fts5 (
    name, local_id, diagnosis, question, plan,
    tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3'
);
