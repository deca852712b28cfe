-- The last decision about each report of an event: which happening it tells, or (happening_id NULL) its own alone.
-- @table
CREATE TABLE proj.links (
    claim_id UUID NOT NULL, happening_id UUID, decision_id UUID NOT NULL, position BIGINT NOT NULL, decided_by VARCHAR NOT NULL,
    person BOOLEAN NOT NULL, score DOUBLE, reasons VARCHAR[], copy_of UUID
);
-- @fold
CREATE OR REPLACE TEMP TABLE decided AS
SELECT (payload->>'claim_id')::UUID AS claim_id,
       CASE WHEN type = 'event_linked' THEN (payload->>'happening_id')::UUID END AS happening_id, event_id AS decision_id, position,
       (payload->>'by') AS decided_by, coalesce((payload->>'person')::BOOLEAN, false) AS person,
       (payload->>'score')::DOUBLE AS score, (payload->'reasons')::VARCHAR[] AS reasons, (payload->>'copy_of')::UUID AS copy_of
FROM batch WHERE type IN ('event_linked', 'event_unlinked')
QUALIFY row_number() OVER (PARTITION BY (payload->>'claim_id') ORDER BY position DESC) = 1;
DELETE FROM proj.links WHERE claim_id IN (SELECT claim_id FROM decided);
INSERT INTO proj.links SELECT * FROM decided ORDER BY position;
