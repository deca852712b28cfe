-- Articles with their current text: the greatest (captured_at, extractor, id), so that an old revision that arrives late
-- does not win. Reads $log (events of the articles in question), $shots (their captures), $texts (their texts),
-- $found (what feeds said of their pages).
SELECT x.article_id, x.url, t.text AS title, a.text AS authors, x.title_digest, x.text_digest, x.authors_digest, x.language,
       try_cast(left(x.published, 10) AS DATE) AS published_on, x.published, x.published_from, x.modified_on, x.publisher,
       x.kind, x.characters, x.revisions, x.via, CASE WHEN b.digest IS NULL THEN 'erased' ELSE 'stored' END AS text_status,
       x.extraction_id, x.capture_id, x.extractor, x.captured_at, x.position, x.recorded_at,
       regexp_extract(x.url, '^https?://([^/:?#]+)', 1) AS host, x.agency, x.language_confidence,
       l.title_digest AS feed_title_digest, lt.text AS feed_title, l.published AS feed_published
FROM (
    SELECT e.event_id AS extraction_id, e.position, e.article_id, (e.payload->>'canonical_url') AS url,
           (e.payload->>'title_digest') AS title_digest, (e.payload->>'text_digest') AS text_digest,
           (e.payload->>'authors_digest') AS authors_digest, (e.payload->>'language') AS language,
           (e.payload->>'published_on') AS published, (e.payload->>'published_from') AS published_from,
           (e.payload->>'modified_on') AS modified_on, (e.payload->>'site_name') AS publisher, (e.payload->>'kind') AS kind,
           (e.payload->>'characters')::BIGINT AS characters, (e.payload->>'extractor') AS extractor,
           c.event_id AS capture_id, c.observed_at AS captured_at,
           CASE WHEN c.event_id IS NULL THEN 'backfill' ELSE coalesce(c.detail->>'via', 'live') END AS via, e.recorded_at,
           c.stream AS page, c.position AS captured_position,
           (e.detail->>'agency') AS agency, (e.detail->>'language_confidence')::DOUBLE AS language_confidence,
           count(*) OVER (PARTITION BY e.article_id) AS revisions
    FROM $log e LEFT JOIN $shots c ON c.event_id = e.causation_id
    WHERE e.type = 'article_extracted'
    QUALIFY row_number() OVER (PARTITION BY e.article_id
                               ORDER BY c.observed_at DESC NULLS LAST, try_cast(regexp_extract(e.payload->>'extractor', '/([0-9]+)', 1) AS INTEGER) DESC NULLS LAST,
                                        (e.payload->>'extractor') DESC, e.event_id DESC) = 1
) x
LEFT JOIN $texts t ON t.digest = x.title_digest
LEFT JOIN $texts b ON b.digest = x.text_digest
LEFT JOIN $texts a ON a.digest = x.authors_digest
-- What a feed said of the page: the last one that had listed it when it was fetched. What is listed later changes nothing.
LEFT JOIN (
    SELECT c.event_id AS capture_id, arg_max({'title': f.payload->>'title_digest'}, f.position).title AS title_digest,
           arg_max({'on': f.payload->>'published'}, f.position)."on" AS published
    FROM $shots c JOIN $found f ON f.stream = c.stream AND f.position < c.position
    WHERE c.type = 'page_captured' AND coalesce(c.detail->>'via', 'live') = 'live' AND f.type = 'article_discovered'
    GROUP BY c.event_id
) l ON l.capture_id = x.capture_id
LEFT JOIN $texts lt ON lt.digest = l.title_digest
