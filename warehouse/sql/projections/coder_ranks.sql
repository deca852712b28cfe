-- Which coder versions were activated, at which rank: the greatest rank gives an article's current coding.
-- @table
CREATE TABLE proj.coder_ranks (coder VARCHAR NOT NULL, coder_name VARCHAR NOT NULL, rank INTEGER NOT NULL, position BIGINT NOT NULL);
-- @fold
INSERT INTO proj.coder_ranks
SELECT payload->>'coder', payload->>'coder_name', (payload->>'rank')::INTEGER, position
FROM batch WHERE type = 'coder_activated';
