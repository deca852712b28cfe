-- Flat and readable in any BI tool. The words are cut out of the stored texts: where a text is erased they are NULL.
CREATE OR REPLACE VIEW world_events AS
WITH coded AS (
    SELECT e.event_id, e.position, e.type, e.event_date, e.payload AS p, e.recorded_at, e.article_id,
           a.url, a.title, a.text, a.publisher, a.language, a.published_on, a.published_from,
           c.coder_name AS coder, c.coder_version, c.lexicon AS lexicon_version, c.model AS model_version,
           from_json(e.payload->'participants',
               '[{"actor_id":"VARCHAR","kind":"VARCHAR","code":"VARCHAR","sector":"VARCHAR","role":"VARCHAR",
                  "name":"VARCHAR","name_at":{"field":"VARCHAR","start":"BIGINT","end":"BIGINT"}}]') AS raw,
           from_json(e.payload->'quantities',
               '[{"what":"VARCHAR","min":"DOUBLE","max":"DOUBLE","unit":"VARCHAR","vague":"BOOLEAN"}]') AS quantities
    FROM event_log e
    JOIN codings c ON c.coding_id = (e.payload->>'coding_id')::UUID AND c.current
    JOIN articles a ON a.extraction_id = c.extraction_id
    WHERE (e.payload->>'coding_id') IS NOT NULL
), named AS (
    SELECT *, list_transform(raw, lambda x: {
        'name': coalesce(x.name, substr(CASE WHEN x.name_at.field = 'title' THEN title ELSE text END,
                                        x.name_at.start + 1, x.name_at.end - x.name_at.start)),
        'actor_id': x.actor_id, 'kind': x.kind, 'code': x.code, 'sector': x.sector, 'role': x.role}) AS participants
    FROM coded
), sided AS (
    SELECT *,
        list_filter(participants, lambda x: x.role IN ('actor', 'party')) AS doers,
        list_filter(participants, lambda x: x.role IN ('target', 'beneficiary')) AS others,
        list_sort(list_distinct(list_filter(list_transform(
            list_filter(participants, lambda x: x.role IN ('actor', 'party', 'target')), lambda x: x.code),
            lambda c: c IS NOT NULL))) AS codes
    FROM named
), chosen AS (
    SELECT *, doers[1] AS a1, coalesce(CASE WHEN len(others) > 0 THEN others[1] END, doers[2]) AS a2 FROM sided
)
SELECT v.event_id, (v.p->>'claim_id')::UUID AS claim_id, v.position, v.type, t.family, (v.p->>'modality') AS modality,
       v.event_date, CASE WHEN (v.p->>'occurred_on') IS NULL THEN 'publication day' ELSE (v.p->>'date_basis') END AS event_date_basis,
       (v.p->>'occurred_on') AS occurred_on, (v.p->>'occurred_from')::DATE AS occurred_from,
       (v.p->>'occurred_to')::DATE AS occurred_to, (v.p->>'date_precision') AS date_precision,
       substr(CASE WHEN (v.p->'date_at'->>'field') = 'title' THEN v.title ELSE v.text END,
              (v.p->'date_at'->>'start')::BIGINT + 1,
              (v.p->'date_at'->>'end')::BIGINT - (v.p->'date_at'->>'start')::BIGINT) AS date_words,
       coalesce(v.a1.actor_id, v.a1.kind || ':' || trim(regexp_replace(lower(strip_accents(v.a1.name)), '[^a-z0-9]+', '-', 'g'), '-')) AS actor1_id,
       v.a1.name AS actor1_name, v.a1.code AS actor1_code,
       CASE WHEN v.a1.code SIMILAR TO '[A-Z]{3}' THEN v.a1.code END AS actor1_country, v.a1.sector AS actor1_sector, v.a1.role AS actor1_role,
       coalesce(v.a2.actor_id, v.a2.kind || ':' || trim(regexp_replace(lower(strip_accents(v.a2.name)), '[^a-z0-9]+', '-', 'g'), '-')) AS actor2_id,
       v.a2.name AS actor2_name, v.a2.code AS actor2_code,
       CASE WHEN v.a2.code SIMILAR TO '[A-Z]{3}' THEN v.a2.code END AS actor2_country, v.a2.sector AS actor2_sector, v.a2.role AS actor2_role,
       CASE WHEN len(v.codes) = 2 THEN v.codes[1] || '-' || v.codes[2] END AS dyad,
       v.participants,
       coalesce(v.p->'place'->>'name', substr(CASE WHEN (v.p->'place'->'name_at'->>'field') = 'title' THEN v.title ELSE v.text END,
              (v.p->'place'->'name_at'->>'start')::BIGINT + 1,
              (v.p->'place'->'name_at'->>'end')::BIGINT - (v.p->'place'->'name_at'->>'start')::BIGINT)) AS place_name,
       (v.p->'place'->>'country') AS place_country, (v.p->'place'->>'lat')::DOUBLE AS place_lat, (v.p->'place'->>'lon')::DOUBLE AS place_lon,
       (v.p->>'scope') AS scope,
       list_filter(v.quantities, lambda q: q.what = 'killed')[1].min AS killed_min,
       list_filter(v.quantities, lambda q: q.what = 'killed')[1].max AS killed_max,
       list_filter(v.quantities, lambda q: q.what = 'injured')[1].min AS injured_min,
       list_filter(v.quantities, lambda q: q.what = 'injured')[1].max AS injured_max,
       v.quantities,
       coalesce(v.p->>'attributed_to', substr(CASE WHEN (v.p->'attributed_at'->>'field') = 'title' THEN v.title ELSE v.text END,
              (v.p->'attributed_at'->>'start')::BIGINT + 1,
              (v.p->'attributed_at'->>'end')::BIGINT - (v.p->'attributed_at'->>'start')::BIGINT)) AS attributed_to,
       coalesce((v.p->>'background')::BOOLEAN, false) AS background, (v.p->>'confidence')::DOUBLE AS confidence,
       substr(CASE WHEN (v.p->'evidence'->>'field') = 'title' THEN v.title ELSE v.text END,
              (v.p->'evidence'->>'start')::BIGINT + 1,
              (v.p->'evidence'->>'end')::BIGINT - (v.p->'evidence'->>'start')::BIGINT) AS quote,
       (v.p->'evidence'->>'field') AS quote_field, (v.p->'evidence'->>'start')::BIGINT AS quote_start,
       (v.p->'evidence'->>'end')::BIGINT AS quote_end, 1 + coalesce(json_array_length(v.p->'mentions'), 0) AS mention_count,
       v.article_id, v.url, v.title, v.publisher, v.language, v.published_on, v.published_from,
       t.plover, t.cameo, t.quad_class, v.coder, v.coder_version, v.lexicon_version, v.model_version,
       false AS corrected, v.recorded_at
FROM chosen v JOIN event_types t ON t.type = v.type;
COMMENT ON VIEW world_events IS 'What articles report, one row an event and article. The usual filter: modality = ''asserted'' AND NOT background.';

CREATE OR REPLACE VIEW participants AS
SELECT event_id, position, type, event_date, modality, background,
       coalesce(x.actor_id, x.kind || ':' || trim(regexp_replace(lower(strip_accents(x.name)), '[^a-z0-9]+', '-', 'g'), '-')) AS actor_id,
       x.name, x.kind, x.code, x.sector, x.role, article_id
FROM (SELECT *, unnest(participants) AS x FROM world_events);
COMMENT ON VIEW participants IS 'Who took part: one row a participant and event. The usual filter: modality = ''asserted'' AND NOT background.';
