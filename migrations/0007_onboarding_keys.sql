-- 0007_onboarding_keys: a key and indexes that make onboarding steps repeatable and keep numbers and addresses unique.
--
-- Changes no row. A session may have the key of the request that began it, so that the same request finds the same session.
ALTER TABLE onboarding_sessions ADD COLUMN idempotency_key TEXT;

CREATE UNIQUE INDEX ux_onboarding_sessions_key ON onboarding_sessions (tenant_id, idempotency_key) WHERE idempotency_key IS NOT NULL;

-- Older rows have numbers as people type them, with spaces, dots, dashes, slashes and brackets, also typographic ones. Only the last
-- seven digits are the same in every spelling. Without these indexes, each step that claims a number would
-- read every mapping and every tenant.
CREATE INDEX idx_omni_phone_mappings_tail ON omni_phone_mappings (substr(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(phone_number, '(0)', ''), ' ', ''), '.', ''), '-', ''), '/', ''), '(', ''), ')', ''), char(9), ''), char(160), ''), char(8201), ''), char(8208), ''), char(8209), ''), char(8211), ''), char(8239), ''), -7));
CREATE INDEX idx_tenants_tail ON tenants (substr(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(phone, '(0)', ''), ' ', ''), '.', ''), '-', ''), '/', ''), '(', ''), ')', ''), char(9), ''), char(160), ''), char(8201), ''), char(8208), ''), char(8209), ''), char(8211), ''), char(8239), ''), -7)) WHERE phone IS NOT NULL;

-- Older rows also have addresses as people type them. Addresses that differ only in case are the same.
CREATE INDEX idx_tenants_address ON tenants (lower(email));
CREATE INDEX idx_users_address ON users (lower(email));

-- A step does not add a document that exists already. The hash comes after the long content in a row, so without this index
-- the search would read all documents of the tenant.
CREATE INDEX idx_knowledge_documents_hash ON knowledge_documents (tenant_id, content_hash);
