-- When an item was heard, for the order of what happened to a case; 0 where it was not, or before this column was.
ALTER TABLE items ADD COLUMN started_us INTEGER NOT NULL DEFAULT 0;
