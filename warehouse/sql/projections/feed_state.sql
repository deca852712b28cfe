-- What the next poll of a feed needs: its latest poll, whole. Caught up in every append's transaction.
-- @table
CREATE TABLE proj.feed_state (
    feed_id UUID NOT NULL, position BIGINT NOT NULL, slot VARCHAR NOT NULL, polled_at TIMESTAMPTZ NOT NULL, url VARCHAR NOT NULL,
    outcome VARCHAR NOT NULL, etag VARCHAR, last_modified VARCHAR, body_digest VARCHAR, failures INTEGER NOT NULL,
    due_at VARCHAR, moved_to VARCHAR, reason VARCHAR, message VARCHAR, said JSON NOT NULL
);
-- @fold: `batch` holds the events to take in, in the order of their positions
CREATE OR REPLACE TEMP TABLE polled AS
SELECT feed_id, position, (payload->>'slot') AS slot, observed_at AS polled_at, (payload->>'url') AS url,
       (payload->>'outcome') AS outcome, (payload->>'etag') AS etag, (payload->>'last_modified') AS last_modified,
       (payload->>'body_digest') AS body_digest, coalesce((payload->>'failures')::INTEGER, 0) AS failures,
       (payload->>'due_at') AS due_at, (payload->>'moved_to') AS moved_to, (payload->>'reason') AS reason,
       (payload->>'message') AS message, payload AS said
FROM batch WHERE type = 'feed_polled'
QUALIFY row_number() OVER (PARTITION BY feed_id ORDER BY slot DESC, position) = 1;
DELETE FROM polled USING proj.feed_state AS old WHERE polled.feed_id = old.feed_id AND polled.slot <= old.slot;
DELETE FROM proj.feed_state WHERE feed_id IN (SELECT feed_id FROM polled);
INSERT INTO proj.feed_state SELECT * FROM polled;
