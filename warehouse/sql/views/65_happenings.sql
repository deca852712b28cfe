-- Which report tells which happening, as decided last. A report without a decision, and each happening's first report, is
-- its own. A person may link to a report that itself is linked: then both tell what that one tells.
CREATE OR REPLACE VIEW links AS
SELECT l.claim_id, coalesce(n.happening_id, l.happening_id) AS happening_id, l.score, l.reasons, l.copy_of, l.decided_by, l.person,
       l.decision_id, l.position
FROM proj.links l LEFT JOIN proj.links n ON n.claim_id = l.happening_id AND n.happening_id IS NOT NULL
WHERE l.happening_id IS NOT NULL;
COMMENT ON VIEW links IS 'Reports that tell a happening which another report told first: one row a report. happening_id is the claim_id of that first report; join world_events by claim_id.';

-- Of a happening the first report speaks: the others are counted, and give what it lacks. A source is independent of the
-- others: copies of an earlier report's text are none of their own, and neither is a second report of the same publisher,
-- of another title of its group, or of an agency that is credited with both.
CREATE OR REPLACE VIEW happenings AS
WITH agencies AS (
    SELECT name, min(owner_group) AS owner_group FROM proj.publishers GROUP BY name
), sites AS (
    -- Of a host that is not listed, what most of its pages call their site: some pages of a site do not name it.
    SELECT host, mode(publisher ORDER BY publisher) AS name FROM proj.articles WHERE publisher IS NOT NULL GROUP BY host
), reports AS (
    SELECT coalesce(l.happening_id, w.claim_id) AS happening_id, coalesce(l.happening_id, w.claim_id) = w.claim_id AS is_first,
           l.copy_of, l.score, coalesce(w.publisher, a.host) AS source,
           coalesce(g.owner_group, a.agency, s.owner_group, s.name, n.name, a.host) AS hand, w.*
    FROM world_events w LEFT JOIN links l ON l.claim_id = w.claim_id
    LEFT JOIN proj.articles a ON a.article_id = w.article_id
    LEFT JOIN proj.sources s ON s.host = a.host
    LEFT JOIN sites n ON n.host = a.host
    LEFT JOIN agencies g ON g.name = a.agency
)
SELECT happening_id, first(type) AS type, first(family) AS family,
       first(event_date ORDER BY occurred_on IS NULL, NOT is_first, published_on, claim_id) AS event_date,
       first(occurred_on ORDER BY occurred_on IS NULL, NOT is_first, length(occurred_on) DESC, published_on, claim_id) AS occurred_on,
       first(dyad ORDER BY dyad IS NULL, NOT is_first, published_on, claim_id) AS dyad,
       first(participants ORDER BY len(participants) DESC, NOT is_first, published_on, claim_id) AS participants,
       first(place_name ORDER BY place_lat IS NULL, place_name IS NULL, NOT is_first, published_on, claim_id) AS place_name,
       first(place_country ORDER BY place_lat IS NULL, place_country IS NULL, NOT is_first, published_on, claim_id) AS place_country,
       first(scope ORDER BY scope IS NULL, NOT is_first, published_on, claim_id) AS scope,
       min(killed_min) AS killed_min, max(coalesce(killed_max, killed_min)) AS killed_max,
       min(injured_min) AS injured_min, max(coalesce(injured_max, injured_min)) AS injured_max,
       count(*) AS reports, count(DISTINCT hand) FILTER (copy_of IS NULL) AS sources, count(copy_of) AS copies,
       count(*) FILTER (modality = 'asserted') AS asserted, count(*) FILTER (modality = 'denied') AS denied,
       bool_and(background) AS background,
       min(published_on) AS first_published_on, max(published_on) AS last_published_on,
       first(source ORDER BY NOT is_first, published_on, claim_id) AS first_source,
       first(url ORDER BY NOT is_first, published_on, claim_id) AS first_url,
       first(quote ORDER BY NOT is_first, published_on, claim_id) AS first_quote,
       max(confidence) AS confidence, min(score) AS lowest_score, list(claim_id ORDER BY NOT is_first, published_on, claim_id) AS claims,
       list(DISTINCT hand ORDER BY hand) FILTER (copy_of IS NULL) AS source_names
FROM reports GROUP BY happening_id;
COMMENT ON VIEW happenings IS 'What happened: one row a happening, however many articles report it. The usual filter: asserted > 0 AND NOT background.';
