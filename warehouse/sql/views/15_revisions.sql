-- An article's readings in the order of their captures. Of two readings of one capture the text differs by the extractor
-- alone. Paragraphs are compared as they stand: one that was edited is one that went and one that came.
CREATE OR REPLACE VIEW revisions AS
WITH ordered AS (
    SELECT extraction_id, article_id, url, capture_id, captured_at, title_digest, text_digest, published_on, characters, extractor,
           row_number() OVER steps AS revision, lag(extraction_id) OVER steps AS previous_id, lag(capture_id) OVER steps AS previous_capture,
           lag(title_digest) OVER steps AS previous_title, lag(text_digest) OVER steps AS previous_text,
           lag(published_on) OVER steps AS previous_published, lag(characters) OVER steps AS characters_before
    FROM extractions WINDOW steps AS (PARTITION BY article_id ORDER BY captured_at NULLS FIRST, try_cast(regexp_extract(extractor, '/([0-9]+)', 1) AS INTEGER) NULLS FIRST, extractor, extraction_id)
), paragraphs AS (
    SELECT o.*, nt.text AS title, pt.text AS title_before,
           string_split(n.text, chr(10)) AS now, string_split(p.text, chr(10)) AS before
    FROM ordered o
    LEFT JOIN texts n ON n.digest = o.text_digest AND o.text_digest <> o.previous_text
    LEFT JOIN texts p ON p.digest = o.previous_text AND o.text_digest <> o.previous_text
    LEFT JOIN texts nt ON nt.digest = o.title_digest
    LEFT JOIN texts pt ON pt.digest = o.previous_title
    WHERE o.revision > 1
)
SELECT article_id, url, revision, captured_at, CASE WHEN capture_id IS NOT DISTINCT FROM previous_capture THEN 'extractor' ELSE 'page' END AS changed_by,
       title_digest <> previous_title AS title_changed, text_digest <> previous_text AS text_changed,
       published_on IS DISTINCT FROM previous_published AS date_changed,
       title_before, title, characters_before, characters,
       list_filter(now, x -> x <> '' AND NOT list_contains(before, x)) AS paragraphs_added,
       list_filter(before, x -> x <> '' AND NOT list_contains(now, x)) AS paragraphs_removed,
       previous_id AS previous_extraction_id, extraction_id
FROM paragraphs;
COMMENT ON VIEW revisions IS 'What changed in an article from one reading to the next: one row a revision after the first.';
