-- Events of other programs come to the same log: who sent them, and the facts that all of them share.
ALTER TABLE events ADD COLUMN source TEXT NOT NULL DEFAULT 'summoner';
-- When it happened, as its sender says; `at` is when it was written here.
ALTER TABLE events ADD COLUMN time TEXT;
-- JSON: {name, username?, email?}
ALTER TABLE events ADD COLUMN actor TEXT;
ALTER TABLE events ADD COLUMN subject TEXT;
ALTER TABLE events ADD COLUMN url TEXT;
ALTER TABLE events ADD COLUMN project TEXT;
-- The box's own history must not be pushed out by a busy sender: the two are trimmed apart.
CREATE INDEX events_own ON events (id) WHERE source = 'summoner';
CREATE INDEX events_of_others ON events (id) WHERE source <> 'summoner';
