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
