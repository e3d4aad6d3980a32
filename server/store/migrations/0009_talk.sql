-- Who has spoken for how long at an item (item.talked); the parts of the log are summed.
CREATE TABLE talk (
    item      TEXT NOT NULL,
    seat      TEXT NOT NULL,
    person    TEXT NOT NULL,
    specialty TEXT NOT NULL,
    ms        INTEGER NOT NULL,
    PRIMARY KEY (item, seat, specialty)
) STRICT, WITHOUT ROWID;
