-- What the current coding of each article's current text says, a person's last word about each claim put over it.
-- Words are cut out of the stored texts: where a text is erased they are NULL.
-- Reads $log (events of the articles in question), $articles (their rows), $texts (their texts), $ranks (of coders).
SELECT v.event_id, v.p.claim_id AS claim_id, v.position, v.type, t.family, v.p.modality AS modality,
       coalesce(v.p.occurred_from, v.event_date) AS event_date,
       CASE WHEN v.p.occurred_on IS NULL THEN 'publication day' ELSE v.p.date_basis END AS event_date_basis,
       v.p.occurred_on AS occurred_on, v.p.occurred_from AS occurred_from, v.p.occurred_to AS occurred_to,
       v.p.date_precision AS date_precision,
       substr(CASE WHEN v.p.date_at.field = 'title' THEN v.title ELSE v.text END,
              v.p.date_at.start + 1, v.p.date_at."end" - v.p.date_at.start) AS date_words,
       v.a1.actor_id AS actor1_id, v.a1.name AS actor1_name, v.a1.code AS actor1_code,
       CASE WHEN v.a1.code SIMILAR TO '[A-Z]{3}' THEN v.a1.code END AS actor1_country, v.a1.sector AS actor1_sector,
       v.a1.role AS actor1_role,
       v.a2.actor_id AS actor2_id, v.a2.name AS actor2_name, v.a2.code AS actor2_code,
       CASE WHEN v.a2.code SIMILAR TO '[A-Z]{3}' THEN v.a2.code END AS actor2_country, v.a2.sector AS actor2_sector,
       v.a2.role AS actor2_role,
       CASE WHEN len(v.codes) = 2 THEN v.codes[1] || '-' || v.codes[2] END AS dyad,
       v.participants,
       coalesce(v.p.place.name, substr(CASE WHEN v.p.place.name_at.field = 'title' THEN v.title ELSE v.text END,
              v.p.place.name_at.start + 1, v.p.place.name_at."end" - v.p.place.name_at.start)) AS place_name,
       v.p.place.country AS place_country, v.p.place.lat AS place_lat, v.p.place.lon AS place_lon,
       v.p.scope AS scope,
       list_filter(v.p.quantities, lambda q: q.what = 'killed')[1].min AS killed_min,
       list_filter(v.p.quantities, lambda q: q.what = 'killed')[1].max AS killed_max,
       list_filter(v.p.quantities, lambda q: q.what = 'injured')[1].min AS injured_min,
       list_filter(v.p.quantities, lambda q: q.what = 'injured')[1].max AS injured_max,
       v.p.quantities AS quantities,
       coalesce(v.p.attributed_to, substr(CASE WHEN v.p.attributed_at.field = 'title' THEN v.title ELSE v.text END,
              v.p.attributed_at.start + 1, v.p.attributed_at."end" - v.p.attributed_at.start)) AS attributed_to,
       coalesce(v.p.background, false) AS background, v.p.confidence AS confidence,
       substr(CASE WHEN v.p.evidence.field = 'title' THEN v.title ELSE v.text END,
              v.p.evidence.start + 1, v.p.evidence."end" - v.p.evidence.start) AS quote,
       v.p.evidence.field AS quote_field, v.p.evidence.start AS quote_start, v.p.evidence."end" AS quote_end,
       1 + coalesce(len(v.p.mentions), 0) AS mention_count,
       v.article_id, v.url, v.title, v.publisher, v.language, v.published_on, v.published_from,
       t.plover, t.cameo, t.quad_class, v.coder, v.coder_version, v.lexicon_version, v.model_version,
       v.corrected, v.recorded_at, v.p.related_to AS related_to
FROM (
    SELECT *, doers[1] AS a1, coalesce(CASE WHEN len(others) > 0 THEN others[1] END, doers[2]) AS a2
    FROM (
        SELECT *,
            list_filter(participants, lambda x: x.role IN ('actor', 'party')) AS doers,
            list_filter(participants, lambda x: x.role IN ('target', 'beneficiary')) AS others,
            list_sort(list_distinct(list_filter(list_transform(
                list_filter(participants, lambda x: x.role IN ('actor', 'party', 'target')), lambda x: x.code),
                lambda c: c IS NOT NULL))) AS codes
        FROM (
            SELECT *, list_transform(named, lambda x: {
                'name': x.name,
                'actor_id': coalesce(x.actor_id, x.kind || ':' || trim(regexp_replace(lower(strip_accents(x.name)), '[^a-z0-9]+', '-', 'g'), '-')),
                'kind': x.kind, 'code': x.code, 'sector': x.sector, 'role': x.role}) AS participants
            FROM (
                SELECT *, list_transform(p.participants, lambda x: {
                    'name': coalesce(x.name, substr(CASE WHEN x.name_at.field = 'title' THEN title ELSE text END,
                                                    x.name_at.start + 1, x.name_at."end" - x.name_at.start)),
                    'actor_id': x.actor_id, 'kind': x.kind, 'code': x.code, 'sector': x.sector, 'role': x.role}) AS named
                FROM (
                    SELECT e.event_id, e.position, coalesce(d.changes->>'type', e.type) AS type, e.event_date, e.recorded_at, e.article_id,
                           d.claim_id IS NOT NULL AS corrected,
                           CASE WHEN d.claim_id IS NULL THEN e.p
                                ELSE json_transform(json_merge_patch(e.payload, d.changes), '$shape') END AS p,
                           a.url, a.title, b.text, a.publisher, a.language, a.published_on, a.published_from,
                           c.coder_name AS coder, c.coder_version, c.lexicon AS lexicon_version, c.model AS model_version
                    FROM (SELECT *, json_transform(payload, '$shape') AS p FROM $log WHERE type IN ($world_types)) e
                    JOIN (
                        SELECT c.event_id AS coding_id, (c.payload->>'extraction_id')::UUID AS extraction_id,
                               (c.payload->>'coder_name') AS coder_name, (c.payload->>'coder_version') AS coder_version,
                               (c.payload->>'lexicon') AS lexicon, (c.payload->>'model') AS model
                        FROM $log c LEFT JOIN $ranks r ON r.coder = (c.payload->>'coder')
                        WHERE c.type = 'coding_completed'
                        QUALIFY row_number() OVER (PARTITION BY (c.payload->>'extraction_id')
                            ORDER BY coalesce(r.rank, -1) DESC, (c.payload->>'coder') DESC, c.event_id DESC) = 1
                    ) c ON c.coding_id = e.p.coding_id
                    JOIN $articles a ON a.extraction_id = c.extraction_id
                    LEFT JOIN $texts b ON b.digest = a.text_digest
                    LEFT JOIN (
                        SELECT (payload->>'claim_id')::UUID AS claim_id, type, payload->'changes' AS changes FROM $log
                        WHERE type IN ('event_retracted', 'event_corrected')
                        QUALIFY row_number() OVER (PARTITION BY (payload->>'claim_id') ORDER BY position DESC) = 1
                    ) d ON d.claim_id = e.p.claim_id
                    WHERE d.type IS DISTINCT FROM 'event_retracted'
                )
            )
        )
    )
) v JOIN event_types t ON t.type = v.type
