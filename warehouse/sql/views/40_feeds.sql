CREATE OR REPLACE VIEW feeds AS
WITH polls AS (
    SELECT feed_id, count(*) AS polls, count(*) FILTER ((payload->>'outcome') = 'failed') AS polls_failed,
           max(observed_at) FILTER ((payload->>'outcome') <> 'failed') AS last_success_at,
           arg_max(payload->>'title_digest', position) FILTER ((payload->>'title_digest') IS NOT NULL) AS title_digest,
           arg_max(payload->>'format', position) FILTER ((payload->>'format') IS NOT NULL) AS format,
           arg_max(payload->>'language', position) FILTER ((payload->>'language') IS NOT NULL) AS language,
           arg_max(payload->'problems', position) AS problems
    FROM event_log WHERE type = 'feed_polled' GROUP BY feed_id
), entries AS (
    SELECT feed_id, count(*) AS entries FROM event_log WHERE type = 'article_discovered' GROUP BY feed_id
), owners AS (
    SELECT s.feed_id, arg_max(p.name, length(p.host)) AS publisher_name
    FROM proj.feed_state s JOIN proj.publishers p
         ON ends_with('.' || regexp_extract(s.url, '^https?://([^/:?#]+)', 1), '.' || p.host)
    GROUP BY s.feed_id
)
SELECT s.feed_id, s.url, t.text AS title, p.format, p.language, s.outcome AS last_outcome, s.reason, s.message, s.polled_at AS last_polled_at,
       p.last_success_at, s.failures AS failures_in_a_row, p.polls, p.polls_failed, coalesce(n.entries, 0) AS entries, p.problems, s.moved_to, s.due_at,
       (s.said->>'due_why') AS due_why, coalesce(s.reason = 'http_410', false) AS ended, o.publisher_name
FROM proj.feed_state s
LEFT JOIN polls p ON p.feed_id = s.feed_id
LEFT JOIN entries n ON n.feed_id = s.feed_id
LEFT JOIN owners o ON o.feed_id = s.feed_id
LEFT JOIN texts t ON t.digest = p.title_digest;
COMMENT ON VIEW feeds IS 'Feeds: one row a feed, with its latest poll and what came of all of them.';

CREATE OR REPLACE VIEW hosts AS
SELECT host, passes AS passes_failed, since, last_at AS last_failed_at, reason, message, wait_until::TIMESTAMPTZ AS wait_until
FROM proj.host_state;
COMMENT ON VIEW hosts IS 'Hosts that gave trouble and have not answered since, or that asked to be left alone: one row a host.';

CREATE OR REPLACE VIEW runs AS
SELECT run_id, min(observed_at) AS started_at, max(recorded_at) AS recorded_at, count(*) AS events,
       count(*) FILTER (type = 'feed_polled') AS feeds_polled,
       count(*) FILTER (type = 'feed_polled' AND (payload->>'outcome') = 'failed') AS feeds_failed,
       count(*) FILTER (type = 'article_discovered') AS entries_new,
       count(*) FILTER (type = 'page_captured') AS pages_captured,
       count(*) FILTER (type = 'capture_failed') AS captures_failed,
       count(*) FILTER (type = 'article_extracted') AS articles,
       count(*) FILTER (type = 'article_skipped') AS skipped,
       count(*) FILTER (type = 'record_rejected') AS records_rejected,
       count(*) FILTER ((payload->>'coding_id') IS NOT NULL) AS world_events
FROM event_log GROUP BY run_id;
COMMENT ON VIEW runs IS 'Runs of the pipeline that added anything: one row a run.';
