CREATE OR REPLACE VIEW world_events AS SELECT * FROM proj.world_events;
COMMENT ON VIEW world_events IS 'What articles report, one row an event and article. The usual filter: modality = ''asserted'' AND NOT background.';

CREATE OR REPLACE VIEW participants AS
SELECT event_id, claim_id, position, type, event_date, modality, background,
       x.actor_id, x.name, x.kind, x.code, x.sector, x.role, article_id
FROM (SELECT *, unnest(participants) AS x FROM world_events);
COMMENT ON VIEW participants IS 'Who took part: one row a participant and event. The usual filter: modality = ''asserted'' AND NOT background.';

CREATE OR REPLACE VIEW actors AS
SELECT actor_id, mode(name ORDER BY name) AS name, mode(kind ORDER BY kind) AS kind, mode(code ORDER BY code) AS code,
       mode(sector ORDER BY sector) AS sector, count(DISTINCT event_id) AS events, count(DISTINCT article_id) AS articles,
       min(event_date) AS first_event_date, max(event_date) AS last_event_date
FROM participants WHERE actor_id IS NOT NULL AND modality = 'asserted' AND NOT background
GROUP BY actor_id;
COMMENT ON VIEW actors IS 'Who is named in asserted events of their own day: one row an actor. Already filtered: modality = ''asserted'' AND NOT background.';

-- Two events of one article, found by the place of the other's evidence.
CREATE OR REPLACE VIEW relations AS
SELECT w.event_id, w.claim_id, w.type, w.event_date, w.r.relation AS relation, o.event_id AS other_event_id, o.claim_id AS other_claim_id,
       o.type AS other_type, o.event_date AS other_event_date, w.article_id
FROM (SELECT event_id, claim_id, type, event_date, article_id, unnest(related_to) AS r FROM world_events WHERE len(related_to) > 0) w
JOIN world_events o ON o.article_id = w.article_id AND o.quote_field = w.r.field AND o.quote_start = w.r.start
     AND o.type = w.r.type AND o.event_id <> w.event_id;
COMMENT ON VIEW relations IS 'What was agreed, planned or said at a call, a meeting, talks or a visit of the same article: one row a pair. relation: at.';
