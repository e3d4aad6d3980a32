-- A meeting that is over and listed no more; 0: it is listed.
ALTER TABLE meetings ADD COLUMN archived_us INTEGER NOT NULL DEFAULT 0;
