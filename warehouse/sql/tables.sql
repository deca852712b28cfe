-- Layout 1. The log is one append-only table; a row is never updated.
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

-- Followers whose result lies in this log: the last position that each is done with.
CREATE TABLE proj.followers (name VARCHAR NOT NULL, log_id UUID NOT NULL, position BIGINT NOT NULL, event_id UUID);

-- How far `proj.articles` and `proj.world_events` have been caught up ('state').
CREATE TABLE proj.checkpoint (name VARCHAR NOT NULL, position BIGINT NOT NULL);
INSERT INTO proj.checkpoint VALUES ('state', 0);
