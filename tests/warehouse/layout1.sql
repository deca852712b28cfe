-- A log of layout 1, as it was made then: the tables, the planning projections, and two of the views.

-- DuckLake enforces no key: uniqueness of event_id and gapless positions are the append's work, under the writer lock.
CREATE TABLE event_log (
    position       BIGINT NOT NULL,       -- from 1, gapless, in causal order
    commit_id      BIGINT NOT NULL,       -- position of the first event of its commit
    event_id       UUID NOT NULL,
    stream         VARCHAR NOT NULL,
    type           VARCHAR NOT NULL,
    schema_version INTEGER NOT NULL,
    recorded_at    TIMESTAMPTZ NOT NULL,  -- monotonic, one a commit
    observed_at    TIMESTAMPTZ NOT NULL,
    run_id         VARCHAR NOT NULL,
    producer       VARCHAR NOT NULL,
    causation_id   UUID,
    article_id     UUID,
    feed_id        UUID,
    event_date     DATE,
    actors         VARCHAR[],
    payload        JSON NOT NULL,
    detail         JSON                   -- circumstances of this telling, never compared
);

-- Prose, by digest: no text stands in the log itself.
CREATE TABLE texts (
    digest   VARCHAR NOT NULL,
    position BIGINT NOT NULL,             -- commit_id of the append that brought it
    text     VARCHAR NOT NULL
);

CREATE SCHEMA proj;
CREATE TABLE proj.coder_ranks (coder VARCHAR NOT NULL, coder_name VARCHAR NOT NULL, rank INTEGER NOT NULL, position BIGINT NOT NULL);
CREATE TABLE proj.feed_state (
    feed_id UUID NOT NULL, position BIGINT NOT NULL, slot VARCHAR NOT NULL, polled_at TIMESTAMPTZ NOT NULL, url VARCHAR NOT NULL,
    outcome VARCHAR NOT NULL, etag VARCHAR, last_modified VARCHAR, body_digest VARCHAR, failures INTEGER NOT NULL,
    due_at VARCHAR, moved_to VARCHAR, reason VARCHAR, message VARCHAR
);
CREATE TABLE proj.pending_pages (
    url VARCHAR NOT NULL, position BIGINT NOT NULL, feed_id UUID, discovered_at TIMESTAMPTZ NOT NULL,
    attempts INTEGER NOT NULL, retry_at VARCHAR, reason VARCHAR, message VARCHAR
);
-- An article's current coding is that of its current text by the coder of the greatest rank.
CREATE OR REPLACE VIEW codings AS
WITH ranks AS (SELECT coder, max(rank) AS rank FROM proj.coder_ranks GROUP BY coder)
SELECT c.event_id AS coding_id, c.position, (c.payload->>'extraction_id')::UUID AS extraction_id, c.article_id,
       (c.payload->>'coder') AS coder, (c.payload->>'coder_name') AS coder_name, (c.payload->>'coder_version') AS coder_version,
       (c.payload->>'lexicon') AS lexicon, (c.payload->>'model') AS model, (c.payload->>'events')::INTEGER AS events,
       (c.payload->>'skipped') AS skipped, coalesce(r.rank, -1) AS rank, c.observed_at AS coded_at, c.recorded_at,
       row_number() OVER (PARTITION BY (c.payload->>'extraction_id')
                          ORDER BY coalesce(r.rank, -1) DESC, (c.payload->>'coder') DESC, c.event_id DESC) = 1 AS current
FROM event_log c LEFT JOIN ranks r ON r.coder = (c.payload->>'coder')
WHERE c.type = 'coding_completed';
COMMENT ON VIEW codings IS 'Every reading of an extraction for events: one row an extraction and coder version, also where no event was found.';
