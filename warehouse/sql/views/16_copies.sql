-- Articles that carry one text form a group, named by its earliest: a copy of a copy belongs to what that one copies.
CREATE OR REPLACE VIEW copies AS
WITH RECURSIVE pairs AS (
    SELECT (payload->>'article_id')::UUID AS article_id, (payload->>'copy_of')::UUID AS copy_of,
           (payload->>'containment')::DOUBLE AS containment, position
    FROM event_log WHERE type = 'article_copied'
    QUALIFY row_number() OVER (PARTITION BY (payload->>'article_id') ORDER BY position DESC) = 1
), roots AS (
    SELECT article_id, copy_of AS group_id, 1 AS depth FROM pairs
    UNION
    SELECT r.article_id, p.copy_of, r.depth + 1 FROM roots r JOIN pairs p ON p.article_id = r.group_id WHERE r.depth < 20
)
SELECT p.article_id, a.url, p.copy_of, o.url AS original_url, p.containment,
       first(r.group_id ORDER BY r.depth DESC) AS group_id, p.position
FROM pairs p JOIN roots r ON r.article_id = p.article_id
LEFT JOIN proj.articles a ON a.article_id = p.article_id LEFT JOIN proj.articles o ON o.article_id = p.copy_of
GROUP BY ALL;
COMMENT ON VIEW copies IS 'Articles that carry the text of an earlier one, or nearly: one row a copy; the earliest of its group is group_id.';
