-- Pages discovered and without a final outcome: what is still to be captured. Caught up in every append's transaction.
-- The fold is `still_pending` in warehouse/projections.py: as SQL, its planning alone took longer than the rest of an append.
-- @table
CREATE TABLE proj.pending_pages (
    url VARCHAR NOT NULL, position BIGINT NOT NULL, feed_id UUID, discovered_at TIMESTAMPTZ NOT NULL,
    attempts INTEGER NOT NULL, retry_at VARCHAR, reason VARCHAR, message VARCHAR
);
