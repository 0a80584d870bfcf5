-- How a call sounded: the codec for people, the mean opinion score in hundredths, the share made up in thousandths, jitter and round trip in
-- milliseconds. A call that was not talked has none.
ALTER TABLE history ADD COLUMN codec TEXT NOT NULL DEFAULT '';
ALTER TABLE history ADD COLUMN mos INTEGER;
ALTER TABLE history ADD COLUMN made_up INTEGER;
ALTER TABLE history ADD COLUMN jitter INTEGER;
ALTER TABLE history ADD COLUMN round_trip INTEGER;
