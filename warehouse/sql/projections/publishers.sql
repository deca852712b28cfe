-- The list of publishers, as said last. `owner_group` is the list's `group`, a word that SQL keeps for itself.
-- @table
CREATE TABLE proj.publishers (
    host VARCHAR NOT NULL, name VARCHAR NOT NULL, country VARCHAR, language VARCHAR, ownership VARCHAR, owner_group VARCHAR,
    listing_id UUID NOT NULL, digest VARCHAR NOT NULL, position BIGINT NOT NULL
);
-- @fold
CREATE OR REPLACE TEMP TABLE listed AS
SELECT p.host, p.name, p.country, p.language, p.ownership, p."group" AS owner_group, listing_id, digest, position
FROM (SELECT event_id AS listing_id, (payload->>'digest') AS digest, position,
             unnest(json_transform(payload->'publishers', '[{"host": "VARCHAR", "name": "VARCHAR", "country": "VARCHAR",
                    "language": "VARCHAR", "ownership": "VARCHAR", "group": "VARCHAR"}]')) AS p
      FROM batch WHERE type = 'publishers_listed' QUALIFY row_number() OVER (ORDER BY position DESC) = 1);
DELETE FROM proj.publishers;
INSERT INTO proj.publishers SELECT * FROM listed ORDER BY host;
