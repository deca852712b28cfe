-- Pages discovered and without a final outcome: what is still to be captured. Caught up in every append's transaction.
-- `batch_done` holds the URLs of `batch` whose outcome is known, from this batch or from before.
-- @table
CREATE TABLE proj.pending_pages (
    url VARCHAR NOT NULL, position BIGINT NOT NULL, feed_id UUID, discovered_at TIMESTAMPTZ NOT NULL,
    attempts INTEGER NOT NULL, retry_at VARCHAR, reason VARCHAR, message VARCHAR
);
-- @fold
CREATE OR REPLACE TEMP TABLE found AS
SELECT (payload->>'url') AS url, position, feed_id, observed_at AS discovered_at
FROM batch WHERE type = 'article_discovered'
QUALIFY row_number() OVER (PARTITION BY (payload->>'url') ORDER BY position) = 1;
CREATE OR REPLACE TEMP TABLE failed AS
SELECT (payload->>'url') AS url, position, (payload->>'attempt')::INTEGER AS attempts, (payload->>'retry_at') AS retry_at,
       (payload->>'reason') AS reason, (payload->>'message') AS message
FROM batch WHERE type = 'capture_failed';
CREATE OR REPLACE TEMP TABLE pending AS
SELECT url, position, feed_id, discovered_at, attempts, retry_at, reason, message FROM (
    SELECT * FROM proj.pending_pages
    WHERE url IN (SELECT url FROM found UNION ALL SELECT url FROM failed UNION ALL SELECT url FROM batch_done)
    UNION ALL
    SELECT url, position, feed_id, discovered_at, 0, NULL, NULL, NULL FROM found
)
WHERE url NOT IN (SELECT url FROM batch_done)
QUALIFY row_number() OVER (PARTITION BY url ORDER BY position) = 1;
-- Of the failures since it was discovered, the latest attempt counts, the first telling of it.
CREATE OR REPLACE TEMP TABLE latest AS
SELECT failed.* FROM failed JOIN pending ON pending.url = failed.url
WHERE failed.attempts > pending.attempts AND failed.position > pending.position
QUALIFY row_number() OVER (PARTITION BY failed.url ORDER BY failed.attempts DESC, failed.position) = 1;
UPDATE pending SET attempts = latest.attempts, retry_at = latest.retry_at, reason = latest.reason, message = latest.message
FROM latest WHERE pending.url = latest.url;
DELETE FROM proj.pending_pages
WHERE url IN (SELECT url FROM found UNION ALL SELECT url FROM failed UNION ALL SELECT url FROM batch_done);
INSERT INTO proj.pending_pages SELECT * FROM pending;
