CREATE OR REPLACE VIEW corrections AS
SELECT event_id AS decision_id, position, (payload->>'claim_id')::UUID AS claim_id, article_id,
       CASE type WHEN 'event_retracted' THEN 'retracted' ELSE 'corrected' END AS decision, payload->'changes' AS changes,
       (payload->>'by') AS decided_by, (payload->>'reason') AS reason, observed_at AS decided_at, recorded_at,
       row_number() OVER (PARTITION BY (payload->>'claim_id') ORDER BY position DESC) = 1 AS current
FROM event_log WHERE type IN ('event_retracted', 'event_corrected');
COMMENT ON VIEW corrections IS 'What people decided about claims: one row a decision; the current one is what world_events shows.';

CREATE OR REPLACE VIEW erasures AS
SELECT event_id AS erasure_id, position, (payload->>'what') AS what, (payload->>'digest') AS digest, (payload->>'reason') AS reason,
       observed_at AS erased_at, recorded_at
FROM event_log WHERE type = 'content_erased';
COMMENT ON VIEW erasures IS 'Texts and captured bodies withdrawn for good: one row a digest.';
