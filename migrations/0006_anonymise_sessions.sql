-- 0006_anonymise_sessions: what people told the form is forgotten 30 days after they were done. There is no way back.
--
-- d1ops:requires backfill 0004_tenant_flags
-- d1ops:requires backfill 0004_phone_mappings
-- d1ops:requires backfill 0004_agent_configs
--
-- Forgets the answers about a company, its assistant and its knowledge (business_data, vapi_data, kb_data) of completed
-- sessions that are OLDER than 30 days. 30 days to the second is not older. Moments are compared in whole seconds, never as
-- text: three notations are in the data. A session without a moment to judge by is left alone.
--
-- Whoever applies it without d1ops has nobody to ask whether the backfills are done. So it looks for itself, and forgets
-- nothing that does not stand elsewhere: the tenant has its flag, and its latest session has its configuration and its number.
-- What the backfills have put into the quarantine never has all three, and is kept for whoever looks into it.
--
-- Run again it finds nothing but what has become due since. On a new database it does nothing.

UPDATE onboarding_sessions SET
  business_data = CASE WHEN business_data IS NOT NULL THEN '{"anonymized":true}' END,
  vapi_data = CASE WHEN vapi_data IS NOT NULL THEN '{"anonymized":true}' END,
  kb_data = CASE WHEN kb_data IS NOT NULL THEN '{"anonymized":true}' END
WHERE status = 'completed'
  AND unixepoch(completed_at) < unixepoch('now', '-30 days')
  AND user_id <> 'anonymous'
  AND (business_data <> '{"anonymized":true}' OR vapi_data <> '{"anonymized":true}' OR kb_data <> '{"anonymized":true}')
  AND EXISTS (
    SELECT 1
    FROM tenants AS t JOIN onboarding_sessions AS c ON c.id = (
      SELECT o.id FROM onboarding_sessions AS o WHERE o.tenant_id = t.id AND +o.status = 'completed' AND o.user_id <> 'anonymous'
      ORDER BY coalesce(julianday(o.completed_at), julianday(o.last_updated_at), julianday(o.started_at), 0) DESC, o.id DESC LIMIT 1)
    WHERE t.id = onboarding_sessions.tenant_id AND t.id <> 'default' AND t.onboarding_completed = 1
      -- The configuration is there, or nothing to make one from.
      AND (c.vapi_data = '{"anonymized":true}' OR EXISTS (SELECT 1 FROM omni_agent_configs AS a WHERE a.tenant_id = t.id))
      -- The document can be read: it is an object without a key that comes twice, and a text that is none.
      AND CASE
        WHEN c.business_data IS NULL THEN 1
        WHEN NOT json_valid(c.business_data) THEN 0
        WHEN json_type(c.business_data) <> 'object' THEN 0
        WHEN coalesce(json_type(c.business_data, '$.phone'), 'null') NOT IN ('null', 'text') THEN 0
        ELSE NOT EXISTS (
          SELECT 1 FROM json_tree(c.business_data) AS j GROUP BY j.fullkey
          HAVING count(*) > 1 OR max((j.fullkey || coalesce(j.atom, '')) GLOB '*[' || char(65533) || ']*'))
      END
      -- Its number is there, in whatever spelling, or it has none.
      AND (c.business_data = '{"anonymized":true}' OR NOT EXISTS (
        SELECT 1
        FROM (
          SELECT coalesce(
            nullif(trim(CASE WHEN json_valid(c.business_data) THEN json_extract(c.business_data, '$.phone') END), ''),
            (SELECT CASE WHEN json_valid(h.config_public) THEN nullif(trim(json_extract(h.config_public, '$.phone_number')), '') ELSE h.config_public END
              FROM channel_configurations AS h WHERE h.tenant_id = t.id AND h.channel_type = 'phone')) AS phone
        ) AS told
        WHERE told.phone IS NOT NULL AND NOT EXISTS (
          SELECT 1 FROM omni_phone_mappings AS m
          WHERE m.tenant_id = t.id AND (m.id = 'mapping_' || c.id
            OR (length(told.phone) > 8 AND substr(replace(replace(replace(m.phone_number, ' ', ''), '.', ''), '-', ''), -9)
              = substr(replace(replace(replace(told.phone, ' ', ''), '.', ''), '-', ''), -9))))
      ))
  );
