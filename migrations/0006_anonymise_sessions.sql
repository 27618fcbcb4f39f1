-- 0006_anonymise_sessions: deletes the answers in the form 30 days after completion. This is irreversible.
--
-- d1ops:requires backfill 0004_tenant_flags
-- d1ops:requires backfill 0004_phone_mappings
-- d1ops:requires backfill 0004_agent_configs
--
-- It replaces the answers about a company, its assistant and its knowledge (business_data, vapi_data, kb_data) of completed
-- sessions that are OLDER than 30 days. Exactly 30 days is not older. It compares times in whole seconds, never as
-- text, because the data has three notations. It does not change a session without a time of completion.
--
-- Without d1ops, nothing checks whether the backfills have finished. So this migration checks it, and deletes only answers
-- that are stored elsewhere too: the tenant has its flag, and its latest session has its configuration and its number.
-- Sessions in the quarantine of the backfills never have all three, so their answers stay for a person to decide.
--
-- If it runs again, it finds only sessions that have become due since. On a new database it changes nothing.

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
      -- The configuration exists, or there is no data for one.
      AND (c.vapi_data = '{"anonymized":true}' OR EXISTS (SELECT 1 FROM omni_agent_configs AS a WHERE a.tenant_id = t.id))
      -- The document is readable: an object without duplicate keys and without invalid texts.
      AND CASE
        WHEN c.business_data IS NULL THEN 1
        WHEN NOT json_valid(c.business_data) THEN 0
        WHEN json_type(c.business_data) <> 'object' THEN 0
        WHEN coalesce(json_type(c.business_data, '$.phone'), 'null') NOT IN ('null', 'text') THEN 0
        ELSE NOT EXISTS (
          SELECT 1 FROM json_tree(c.business_data) AS j GROUP BY j.fullkey
          HAVING count(*) > 1 OR max((j.fullkey || coalesce(j.atom, '')) GLOB '*[' || char(65533) || ']*'))
      END
      -- The mapping of its number exists, in whatever spelling, or it has no number.
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
