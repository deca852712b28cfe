-- Whose articles a host has: of the longest listed host that it is, or is a subdomain of. Reads $hosts.
SELECT h.host, p.host AS publisher_host, p.name, p.country, p.language, p.ownership, p.owner_group
FROM $hosts h LEFT JOIN proj.publishers p ON h.host = p.host OR ends_with(h.host, '.' || p.host)
QUALIFY row_number() OVER (PARTITION BY h.host ORDER BY length(p.host) DESC NULLS LAST) = 1
