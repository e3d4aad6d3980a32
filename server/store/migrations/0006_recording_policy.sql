-- Whether a board's meetings may be recorded; a meeting keeps what held when it was planned.
ALTER TABLE boards ADD COLUMN recording TEXT NOT NULL DEFAULT 'off';   -- off, allowed
ALTER TABLE meetings ADD COLUMN recording TEXT NOT NULL DEFAULT 'off';
