-- Any past state, and the very latest: `moment` is a position, or a time (TIMESTAMPTZ, or text as 2026-05-01). Articles that nothing happened to
-- since are taken as they are now; the others are read again from the events up to then.
CREATE OR REPLACE MACRO world_events_as_of(moment) AS TABLE
WITH bound AS (
    SELECT coalesce(try_cast(moment::VARCHAR AS BIGINT),
                    (SELECT max(position) FROM event_log WHERE recorded_at <= try_cast(moment::VARCHAR AS TIMESTAMPTZ)), 0) AS p
), stable AS (
    -- What is kept in proj.world_events is the state at the checkpoint: it serves for what has not changed between the two.
    SELECT least(p, (SELECT position FROM proj.checkpoint WHERE name = 'state')) AS s FROM bound
), since AS (
    SELECT article_id FROM event_log JOIN stable ON position > s WHERE article_id IS NOT NULL
    UNION SELECT article_id FROM event_log
          WHERE type = 'coding_completed' AND (payload->>'coder') IN (SELECT coder FROM proj.coder_ranks JOIN stable ON position > s)
), part AS (
    SELECT e.* FROM event_log e JOIN bound ON e.position <= bound.p SEMI JOIN since ON since.article_id = e.article_id
), shots AS (
    SELECT * FROM event_log WHERE type = 'page_captured' AND event_id IN (SELECT causation_id FROM part WHERE type = 'article_extracted')
), listed AS (
    SELECT * FROM event_log WHERE type = 'article_discovered' AND stream IN (SELECT stream FROM shots)
), words AS (
    SELECT * FROM texts WHERE digest IN (
        SELECT unnest([payload->>'title_digest', payload->>'text_digest', payload->>'authors_digest'])
        FROM part WHERE type = 'article_extracted'
        UNION SELECT payload->>'title_digest' FROM listed)
), ranks AS (
    SELECT coder, max(rank) AS rank FROM proj.coder_ranks JOIN bound ON position <= p GROUP BY coder
), then_articles AS (
$articles_then
)
SELECT * FROM proj.world_events ANTI JOIN since USING (article_id)
UNION ALL
SELECT * FROM (
$world_events_then
);

-- What two versions of a coder make of the same texts. `v1` and `v2` are coder keys or versions, as the view codings names them.
CREATE OR REPLACE MACRO coding_diff(v1, v2) AS TABLE
WITH one AS (
    SELECT extraction_id, article_id, coding_id FROM codings WHERE coder = v1 OR coder_version = v1
    QUALIFY row_number() OVER (PARTITION BY extraction_id ORDER BY position DESC) = 1
), two AS (
    SELECT extraction_id, article_id, coding_id FROM codings WHERE coder = v2 OR coder_version = v2
    QUALIFY row_number() OVER (PARTITION BY extraction_id ORDER BY position DESC) = 1
), both_coded AS (
    SELECT one.extraction_id, one.article_id, one.coding_id AS c1, two.coding_id AS c2 FROM one JOIN two USING (extraction_id)
), told AS (
    SELECT (payload->>'coding_id')::UUID AS coding_id, (payload->>'claim_id')::UUID AS claim_id, event_id, type,
           (payload->>'modality') AS modality, (payload->>'occurred_on') AS occurred_on, actors,
           coalesce((payload->>'background')::BOOLEAN, false) AS background, payload->'participants' AS participants,
           payload->'evidence' AS evidence
    FROM event_log WHERE type IN (SELECT type FROM event_types)
), a AS (
    SELECT both_coded.extraction_id, both_coded.article_id, told.* FROM told JOIN both_coded ON told.coding_id = both_coded.c1
), b AS (
    SELECT both_coded.extraction_id, both_coded.article_id, told.* FROM told JOIN both_coded ON told.coding_id = both_coded.c2
)
SELECT coalesce(a.article_id, b.article_id) AS article_id, coalesce(a.claim_id, b.claim_id) AS claim_id,
       coalesce(a.type, b.type) AS type,
       CASE WHEN a.event_id IS NULL THEN 'added' WHEN b.event_id IS NULL THEN 'removed'
            WHEN a.modality = b.modality AND a.background = b.background AND a.participants = b.participants
                 AND a.occurred_on IS NOT DISTINCT FROM b.occurred_on THEN 'same' ELSE 'changed' END AS status,
       a.modality AS modality1, b.modality AS modality2, a.occurred_on AS occurred_on1, b.occurred_on AS occurred_on2,
       a.actors AS codes1, b.actors AS codes2, a.background AS background1, b.background AS background2,
       a.event_id AS event1_id, b.event_id AS event2_id
FROM a FULL JOIN b ON a.extraction_id = b.extraction_id AND a.claim_id = b.claim_id;
