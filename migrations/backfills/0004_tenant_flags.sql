-- Which tenants have completed the form, and the name of their company. The flag comes from the status of their sessions alone:
-- an unreadable document costs the name, not the flag. Existing values in these columns stay.
-- (`+o.status`: a tenant has few sessions, a status has very many, and SQLite does not know which of the two indexes is better.)

-- d1ops:after 0004_unified_architecture.sql
-- d1ops:source
SELECT
  t.id, t.email, t.onboarding_completed, t.company_name, t.sector, s.business_data,
  (SELECT count(*) FROM onboarding_sessions AS o WHERE o.tenant_id = t.id) AS sessions,
  (SELECT count(*) FROM onboarding_sessions AS o WHERE o.tenant_id = t.id AND +o.status = 'completed') AS completed,
  (SELECT count(*) FROM onboarding_sessions AS o WHERE o.tenant_id = t.id AND +o.status = 'in_progress') AS in_progress,
  (SELECT max(o.current_step) FROM onboarding_sessions AS o WHERE o.tenant_id = t.id) AS furthest,
  CASE WHEN NOT json_valid(s.business_data) OR typeof(s.business_data) = 'blob' THEN 'business-data-unreadable'
    WHEN json_type(s.business_data) <> 'object' THEN 'business-data-unreadable'
    WHEN json_extract(s.business_data, '$.anonymized') IS 1 THEN 'anonymized'
    WHEN EXISTS (SELECT 1 FROM json_tree(s.business_data) AS j GROUP BY j.fullkey HAVING count(*) > 1) THEN 'business-data-unreadable'
  END AS silent,
  -- Three versions of the form. SQLite reads a value that UTF-8 cannot represent as a text with U+FFFD.
  (SELECT j.value FROM json_each(CASE WHEN json_valid(s.business_data) THEN s.business_data END) AS j
    WHERE j.key IN ('company_name', 'companyName', 'name') AND j.type = 'text' AND trim(j.value) <> ''
      AND j.value NOT GLOB '*[' || char(65533) || ']*'
    ORDER BY j.key = 'name', j.key = 'companyName' LIMIT 1) AS told_name,
  (SELECT j.value FROM json_each(CASE WHEN json_valid(s.business_data) THEN s.business_data END) AS j
    WHERE j.key = 'industry' AND j.type = 'text' AND trim(j.value) <> ''
      AND j.value NOT GLOB '*[' || char(65533) || ']*' LIMIT 1) AS told_sector
FROM tenants AS t LEFT JOIN onboarding_sessions AS s ON s.id = (
  -- The latest, by time and not by text.
  SELECT o.id FROM onboarding_sessions AS o WHERE o.tenant_id = t.id AND +o.status = 'completed' AND o.user_id <> 'anonymous'
  ORDER BY coalesce(julianday(o.completed_at), julianday(o.last_updated_at), julianday(o.started_at), 0) DESC, o.id DESC LIMIT 1)

-- d1ops:key id
-- d1ops:outcome
CASE
  WHEN id = 'default' THEN 'invalid: placeholder-identity'
  WHEN onboarding_completed = 1 AND sessions = 0 THEN 'conflict: flagged-without-session'
  WHEN onboarding_completed = 1 AND completed = 0 THEN 'conflict: flagged-not-completed'
  WHEN sessions = 0 THEN 'skipped: no-session'
  WHEN email LIKE '%@temp.local' AND furthest <= 1 THEN 'skipped: abandoned'
  WHEN completed = 0 AND in_progress = 0 THEN 'skipped: abandoned'
  WHEN completed = 0 THEN 'skipped: not-completed'
  WHEN onboarding_completed = 1 AND (silent IS NOT NULL
    OR (coalesce(company_name, told_name) IS company_name AND coalesce(sector, told_sector) IS sector)) THEN 'already'
  WHEN silent IS NOT NULL THEN 'changed: ' || silent
  ELSE 'changed'
END

-- d1ops:write
UPDATE tenants SET
  onboarding_completed = 1,
  company_name = coalesce(tenants.company_name, CASE WHEN todo.silent IS NULL THEN todo.told_name END),
  sector = coalesce(tenants.sector, CASE WHEN todo.silent IS NULL THEN todo.told_sector END)
FROM todo WHERE tenants.id = todo.id;

-- d1ops:reconcile
SELECT t.id, t.onboarding_completed, t.company_name, t.sector
FROM tenants AS t LEFT JOIN onboarding_sessions AS s ON s.id = (
  SELECT o.id FROM onboarding_sessions AS o WHERE o.tenant_id = t.id AND +o.status = 'completed' AND o.user_id <> 'anonymous'
  ORDER BY coalesce(julianday(o.completed_at), julianday(o.last_updated_at), julianday(o.started_at), 0) DESC, o.id DESC LIMIT 1)
WHERE NOT EXISTS (SELECT 1 FROM d1ops_quarantine AS q WHERE q.backfill = '0004_tenant_flags' AND q.key = quote(t.id)) AND (
  t.id = 'default'
  -- Flagged and not completed, or completed and not flagged.
  OR t.onboarding_completed <> EXISTS (
    SELECT 1 FROM onboarding_sessions AS o WHERE o.tenant_id = t.id AND +o.status = 'completed'
      AND (t.onboarding_completed = 1 OR t.email NOT LIKE '%@temp.local'
        OR EXISTS (SELECT 1 FROM onboarding_sessions AS any_of WHERE any_of.tenant_id = t.id AND any_of.current_step > 1)))
  -- Flagged, and without the values of the document.
  OR (t.onboarding_completed = 1 AND EXISTS (
    SELECT 1
    FROM json_each(CASE
      WHEN NOT json_valid(s.business_data) OR typeof(s.business_data) = 'blob' THEN NULL
      WHEN json_type(s.business_data) <> 'object' OR json_extract(s.business_data, '$.anonymized') IS 1 THEN NULL
      WHEN EXISTS (SELECT 1 FROM json_tree(s.business_data) AS k GROUP BY k.fullkey HAVING count(*) > 1) THEN NULL
      ELSE s.business_data END) AS j
    WHERE j.type = 'text' AND trim(j.value) <> '' AND j.value NOT GLOB '*[' || char(65533) || ']*'
      AND ((t.company_name IS NULL AND j.key IN ('company_name', 'companyName', 'name')) OR (t.sector IS NULL AND j.key = 'industry')))));
