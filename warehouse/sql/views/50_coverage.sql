-- A feed's usual distance between polls is the commonest one between its slots; the hours go from its first poll to the
-- last poll of any feed. A page belongs to the feed and hour that first listed it.
CREATE OR REPLACE VIEW coverage AS
WITH polls AS (
    SELECT event_id, feed_id, try_strptime(payload->>'slot', '%Y-%m-%dT%H:%MZ') AT TIME ZONE 'UTC' AS slot, (payload->>'outcome') AS outcome,
           CASE WHEN (payload->>'reason') = 'http_410' THEN 'infinity'::TIMESTAMPTZ ELSE (payload->>'due_at')::TIMESTAMPTZ END AS due_at,
           coalesce((payload->>'entries_new')::INTEGER, 0) AS entries_new, coalesce((payload->>'overflow')::BOOLEAN, false) AS overflow
    FROM event_log WHERE type = 'feed_polled'
), gaps AS (
    SELECT feed_id, epoch(slot - lag(slot) OVER (PARTITION BY feed_id ORDER BY slot)) AS seconds FROM polls
), rhythm AS (
    SELECT feed_id, coalesce(mode(seconds ORDER BY seconds) FILTER (seconds > 0), 3600) AS seconds FROM gaps GROUP BY feed_id
), span AS (
    SELECT feed_id, date_trunc('hour', min(slot)) AS first_hour, min(slot) AS first_slot,
           (SELECT max(slot) FROM polls) AS last_slot FROM polls GROUP BY feed_id
), expected AS (
    -- Slots of the feed's rhythm, without those for which the poll before had put it off.
    SELECT s.feed_id, date_trunc('hour', s.slot) AS hour, count(*) FILTER (p.due_at IS NULL OR s.slot = p.slot OR s.slot >= p.due_at) AS slots
    FROM (SELECT feed_id, unnest(generate_series(first_slot, last_slot, to_seconds(r.seconds))) AS slot
          FROM span JOIN rhythm r USING (feed_id)) s
    ASOF JOIN polls p ON p.feed_id = s.feed_id AND p.slot <= s.slot
    GROUP BY ALL
), hours AS (
    SELECT s.feed_id, r.seconds AS poll_interval,
           unnest(generate_series(s.first_hour, date_trunc('hour', s.last_slot), INTERVAL 1 HOUR)) AS hour
    FROM span s JOIN rhythm r USING (feed_id)
), polled AS (
    SELECT feed_id, date_trunc('hour', slot) AS hour, count(*) AS polls, count(*) FILTER (outcome = 'fetched') AS fetched,
           count(*) FILTER (outcome = 'unchanged') AS unchanged, count(*) FILTER (outcome = 'failed') AS failed,
           sum(entries_new)::BIGINT AS entries_new, bool_or(overflow) AS overflow
    FROM polls GROUP BY ALL
), listed AS (
    SELECT (e.payload->>'url') AS url, arg_min(e.feed_id, e.position) AS feed_id,
           date_trunc('hour', arg_min(coalesce(p.slot, e.observed_at), e.position)) AS hour
    FROM event_log e LEFT JOIN polls p ON p.event_id = e.causation_id
    WHERE e.type = 'article_discovered' GROUP BY url
), shots AS (
    SELECT (payload->>'url') AS url, event_id FROM event_log WHERE type = 'page_captured'
), readings AS (
    SELECT s.url, max(e.article_id) AS article_id, bool_or(e.type = 'article_extracted') AS extracted
    FROM shots s JOIN event_log e ON e.type IN ('article_extracted', 'article_skipped')
         AND coalesce(CASE WHEN e.type = 'article_skipped' THEN (e.payload->>'capture_id')::UUID END, e.causation_id) = s.event_id
    GROUP BY s.url
), told AS (
    SELECT article_id, count(*) AS events FROM world_events GROUP BY article_id
), pages AS (
    SELECT l.feed_id, l.hour, count(DISTINCT s.url) AS pages, count(DISTINCT r.url) FILTER (r.extracted) AS extracted,
           count(DISTINCT r.url) FILTER (NOT r.extracted) AS empty, coalesce(sum(t.events), 0)::BIGINT AS events
    FROM listed l LEFT JOIN (SELECT DISTINCT url FROM shots) s USING (url) LEFT JOIN readings r USING (url)
    LEFT JOIN told t ON t.article_id = r.article_id
    GROUP BY ALL
)
SELECT x.feed_id, f.url AS feed_url, x.hour, x.poll_interval, coalesce(w.slots, 0)::INTEGER AS polls_expected, coalesce(p.polls, 0) AS polls,
       coalesce(p.fetched, 0) AS fetched, coalesce(p.unchanged, 0) AS unchanged, coalesce(p.failed, 0) AS failed,
       coalesce(p.entries_new, 0) AS entries_new, coalesce(p.overflow, false) AS overflow, coalesce(g.pages, 0) AS pages,
       coalesce(g.extracted, 0) AS extracted, coalesce(g.empty, 0) AS empty, coalesce(g.events, 0) AS events,
       CASE WHEN coalesce(p.polls, 0) = 0 THEN CASE WHEN coalesce(w.slots, 0) = 0 THEN 'ok' ELSE 'silent' END
            WHEN p.failed = p.polls THEN 'failing' WHEN p.entries_new = 0 THEN 'quiet' ELSE 'ok' END AS state
FROM hours x
LEFT JOIN expected w USING (feed_id, hour)
LEFT JOIN polled p USING (feed_id, hour) LEFT JOIN pages g USING (feed_id, hour)
LEFT JOIN proj.feed_state f ON f.feed_id = x.feed_id;
COMMENT ON VIEW coverage IS 'What came of each feed in each hour: one row a feed and hour, also where nothing was asked. state: ok (new entries), quiet (answered, nothing new), silent (not asked though due), failing (no poll answered).';

CREATE OR REPLACE VIEW feed_days AS
SELECT c.feed_id, c.feed_url, f.publisher_name, (c.hour AT TIME ZONE 'UTC')::DATE AS day, sum(c.polls_expected)::BIGINT AS polls_expected,
       sum(c.polls)::BIGINT AS polls, sum(c.fetched)::BIGINT AS fetched, sum(c.unchanged)::BIGINT AS unchanged, sum(c.failed)::BIGINT AS failed,
       sum(c.entries_new)::BIGINT AS entries_new, sum(c.pages)::BIGINT AS pages, sum(c.extracted)::BIGINT AS extracted,
       sum(c.empty)::BIGINT AS empty, sum(c.events)::BIGINT AS events,
       sum(c.failed) / nullif(sum(c.polls), 0) AS error_rate, sum(c.empty) / nullif(sum(c.extracted) + sum(c.empty), 0) AS empty_rate
FROM coverage c LEFT JOIN feeds f ON f.feed_id = c.feed_id GROUP BY ALL;
COMMENT ON VIEW feed_days IS 'What came of each feed on each day (UTC): one row a feed and day, the sums of coverage and two rates.';
