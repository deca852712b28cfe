-- Which capture each extraction was read from, and when that was made.
CREATE OR REPLACE VIEW captures AS
SELECT event_id AS capture_id, position, (payload->>'url') AS url, (payload->>'final_url') AS final_url,
       (payload->>'http_status')::INTEGER AS http_status, (payload->>'content_type') AS content_type,
       (payload->>'digest') AS digest, (payload->>'bytes')::BIGINT AS bytes, coalesce(detail->>'via', 'live') AS via,
       (detail->'capture'->>'warc') AS warc, (detail->'capture'->>'offset')::BIGINT AS warc_offset,
       observed_at AS captured_at, run_id, recorded_at,
       CASE WHEN (payload->>'digest') IN (SELECT payload->>'digest' FROM event_log WHERE type = 'content_erased') THEN 'erased'
            WHEN (detail->'capture'->>'warc') IN (SELECT payload->>'warc' FROM event_log WHERE type = 'captures_pruned') THEN 'pruned'
            WHEN (detail->'capture'->>'warc') IS NULL THEN 'never' ELSE 'yes' END AS kept,
       coalesce((detail->'rights')::VARCHAR[], []) AS rights
FROM event_log WHERE type = 'page_captured';
COMMENT ON VIEW captures IS 'Pages as they were answered: one row a page and body, with the WARC file that keeps it.';

-- Every revision; the greatest (captured_at, extractor, id) is the current one, so that an old one that arrives late does not win.
CREATE OR REPLACE VIEW extractions AS
SELECT e.event_id AS extraction_id, e.position, e.article_id, (e.payload->>'canonical_url') AS url,
       (e.payload->>'title_digest') AS title_digest, (e.payload->>'text_digest') AS text_digest,
       (e.payload->>'authors_digest') AS authors_digest, (e.payload->>'language') AS language,
       (e.payload->>'published_on') AS published_on, (e.payload->>'published_from') AS published_from,
       (e.payload->>'modified_on') AS modified_on, (e.payload->>'site_name') AS publisher, (e.payload->>'kind') AS kind,
       (e.payload->>'characters')::BIGINT AS characters, (e.payload->>'extractor') AS extractor,
       c.capture_id, c.captured_at, coalesce(c.via, 'backfill') AS via, c.final_url, e.observed_at AS extracted_at, e.recorded_at,
       row_number() OVER (PARTITION BY e.article_id
                          ORDER BY c.captured_at DESC NULLS LAST, try_cast(regexp_extract(e.payload->>'extractor', '/([0-9]+)', 1) AS INTEGER) DESC NULLS LAST,
                                        (e.payload->>'extractor') DESC, e.event_id DESC) = 1 AS current,
       count(*) OVER (PARTITION BY e.article_id) AS revisions
FROM event_log e LEFT JOIN captures c ON c.capture_id = e.causation_id
WHERE e.type = 'article_extracted';
COMMENT ON VIEW extractions IS 'Every reading of an article from a capture: one row a revision and extractor version.';

CREATE OR REPLACE VIEW articles AS
SELECT x.article_id, x.url, x.title, b.text, x.authors, x.language, x.published_on, x.published, x.published_from,
       x.modified_on, x.publisher, x.kind, x.characters, x.revisions, x.via, x.text_status, x.extraction_id, x.capture_id,
       x.extractor, x.captured_at, x.position, x.recorded_at,
       s.name AS publisher_name, s.country AS publisher_country, s.ownership AS publisher_ownership, s.owner_group AS publisher_group,
       x.agency, x.language_confidence, x.feed_title, x.feed_published
FROM proj.articles x LEFT JOIN texts b ON b.digest = x.text_digest LEFT JOIN proj.sources s ON s.host = x.host;
COMMENT ON VIEW articles IS 'Articles, each with its current text: one row an article.';

CREATE OR REPLACE VIEW publishers AS
SELECT host, name, country, language, ownership, owner_group FROM proj.publishers;
COMMENT ON VIEW publishers IS 'Who publishes at which host and its subdomains: one row a host, as last listed.';

CREATE OR REPLACE VIEW sources AS
SELECT s.host, s.publisher_host, s.name, s.country, s.language, s.ownership, s.owner_group, count(*) AS articles
FROM proj.sources s JOIN proj.articles a ON a.host = s.host GROUP BY ALL;
COMMENT ON VIEW sources IS 'Hosts that articles come from, each with its publisher: one row a host. Where name is NULL, it is not listed.';
