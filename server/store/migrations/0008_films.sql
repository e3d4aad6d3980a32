-- The film of a recording, the words of its removal, and how long a board keeps its recordings.
ALTER TABLE recordings ADD COLUMN film TEXT NOT NULL DEFAULT 'none';   -- none, making, ready, failed, interrupted
ALTER TABLE recordings ADD COLUMN film_bytes INTEGER NOT NULL DEFAULT 0;
ALTER TABLE recordings ADD COLUMN film_until_us INTEGER NOT NULL DEFAULT 0;
ALTER TABLE recordings ADD COLUMN removed_reason TEXT NOT NULL DEFAULT '';
CREATE INDEX recordings_film ON recordings (film) WHERE film IN ('making', 'ready');
ALTER TABLE boards ADD COLUMN recording_days INTEGER NOT NULL DEFAULT 0;   -- 0: as the site is set
