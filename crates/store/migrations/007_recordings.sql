-- The name of a call's recording in the folder of recordings; empty for none.
ALTER TABLE history ADD COLUMN recording TEXT NOT NULL DEFAULT '';
