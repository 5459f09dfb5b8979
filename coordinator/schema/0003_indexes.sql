-- The ends of looks are told again to a center whose link comes up.
CREATE INDEX looks_by_center ON looks (center_id, from_at);
-- The gateway's last state, without a walk through the whole log.
CREATE INDEX record_of_gateway ON record (n) WHERE act IN ('gateway.up', 'gateway.down');
