-- No question was ever answered by these two, and every webhook paid for them. Few webhooks belong to a minion.
DROP INDEX events_by_type;
DROP INDEX events_by_minion;
CREATE INDEX events_by_minion ON events (minion, id) WHERE minion IS NOT NULL;
