-- 0007_onboarding_keys: what the onboarding steps need to do twice what is done once, and to give no number away.
--
-- Changes no row. A session may carry the key of the request that began it, so that the same request finds the same session.
ALTER TABLE onboarding_sessions ADD COLUMN idempotency_key TEXT;

CREATE UNIQUE INDEX ux_onboarding_sessions_key ON onboarding_sessions (tenant_id, idempotency_key) WHERE idempotency_key IS NOT NULL;

-- Older rows hold numbers as people type them, with blanks (plain, no-break, narrow), dots, dashes, slashes and brackets. The last
-- nine digits are the part that is the same in every spelling, and without this index each step that claims a number would read
-- every mapping there is.
CREATE INDEX idx_omni_phone_mappings_tail ON omni_phone_mappings (substr(replace(replace(replace(replace(replace(replace(replace(replace(phone_number, ' ', ''), '.', ''), '-', ''), '/', ''), '(', ''), ')', ''), char(160), ''), char(8239), ''), -9));

-- A document that is there already is not added again. The hash stands behind the content, which is long: without this index
-- looking for one means reading all that the tenant ever wrote.
CREATE INDEX idx_knowledge_documents_hash ON knowledge_documents (tenant_id, content_hash);
