-- 0007_onboarding_keys: what the onboarding steps need to do twice what is done once, and to give no number away.
--
-- Changes no row. A session may carry the key of the request that began it, so that the same request finds the same session.
ALTER TABLE onboarding_sessions ADD COLUMN idempotency_key TEXT;

CREATE UNIQUE INDEX ux_onboarding_sessions_key ON onboarding_sessions (tenant_id, idempotency_key) WHERE idempotency_key IS NOT NULL;

-- Older rows hold numbers as people type them, with blanks, dots, dashes, slashes and brackets, those of print among them. The last
-- seven digits are the part that is the same in every spelling, and without these indexes each step that claims a number would
-- read every mapping and every tenant that there is.
CREATE INDEX idx_omni_phone_mappings_tail ON omni_phone_mappings (substr(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(phone_number, '(0)', ''), ' ', ''), '.', ''), '-', ''), '/', ''), '(', ''), ')', ''), char(9), ''), char(160), ''), char(8201), ''), char(8208), ''), char(8209), ''), char(8211), ''), char(8239), ''), -7));
CREATE INDEX idx_tenants_tail ON tenants (substr(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(phone, '(0)', ''), ' ', ''), '.', ''), '-', ''), '/', ''), '(', ''), ')', ''), char(9), ''), char(160), ''), char(8201), ''), char(8208), ''), char(8209), ''), char(8211), ''), char(8239), ''), -7)) WHERE phone IS NOT NULL;

-- They hold addresses as people type them, too: capital letters make no other address.
CREATE INDEX idx_tenants_address ON tenants (lower(email));
CREATE INDEX idx_users_address ON users (lower(email));

-- A document that is there already is not added again. The hash stands behind the content, which is long: without this index
-- looking for one means reading all that the tenant ever wrote.
CREATE INDEX idx_knowledge_documents_hash ON knowledge_documents (tenant_id, content_hash);
