-- Hosts that gave trouble and have not answered since, or that asked to be left alone for a while: one row each.
-- The fold is `after` in warehouse/hosts.py.
-- @table
CREATE TABLE proj.host_state (
    host VARCHAR NOT NULL, position BIGINT NOT NULL, passes INTEGER NOT NULL, run_id VARCHAR, since TIMESTAMPTZ, last_at TIMESTAMPTZ,
    reason VARCHAR, message VARCHAR, wait_until VARCHAR
);
