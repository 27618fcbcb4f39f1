-- 0004_unified_architecture: columns and tables for the data in six JSON blobs.
--
-- Adds five columns to tenants, two to onboarding_sessions, and the tables omni_agent_configs and
-- omni_phone_mappings. It changes no row: existing values stay the same, byte for byte.
-- Three backfills then fill the new columns and tables from the blobs (tenant flags, number mappings,
-- agent configurations), in batches, with a report for each row. A later, separate and irreversible
-- migration anonymises the blobs: they are the only copy until then.
--
-- Every statement must also succeed on tables WITH ROWS, where SQLite rejects in ADD COLUMN
--   * a default that is not constant, such as CURRENT_TIMESTAMP. So updated_at has none, and its writers set it.
--   * UNIQUE. So uniqueness comes from an index, made while the column is still NULL in every row.
--   * NOT NULL without a default. So NOT NULL is used once, where the default is true of every existing row.

-- 0 is true for every row at this moment: no tenant counts as onboarded yet.
ALTER TABLE tenants ADD COLUMN onboarding_completed INTEGER NOT NULL DEFAULT 0 CHECK (onboarding_completed IN (0, 1));

-- No defaults below: every existing row would have the default as if a user had entered it.
-- NULL means unknown, and a backfill can distinguish it from an answer.
ALTER TABLE tenants ADD COLUMN company_name TEXT;
ALTER TABLE tenants ADD COLUMN sector TEXT;
ALTER TABLE tenants ADD COLUMN phone TEXT;
ALTER TABLE tenants ADD COLUMN updated_at TEXT;

-- A number belongs to one tenant. The index is partial, because most tenants have no number. It cannot fail now, because no row has one yet.
CREATE UNIQUE INDEX ux_tenants_phone ON tenants (phone) WHERE phone IS NOT NULL;

-- Before, one malformed document blocked a whole step of the form. Now the database rejects it.
-- Existing rows have NULL, which passes.
ALTER TABLE onboarding_sessions ADD COLUMN metadata TEXT CHECK (metadata IS NULL OR json_valid(metadata));
ALTER TABLE onboarding_sessions ADD COLUMN updated_at TEXT;

-- One agent configuration per tenant. UNIQUE creates an index, so a second one on tenant_id would only cost writes.
-- agent_type has no CHECK: the list of types belongs to the Worker, and changing a CHECK means rebuilding the table.
CREATE TABLE omni_agent_configs (
  id                  TEXT PRIMARY KEY,
  tenant_id           TEXT NOT NULL UNIQUE,
  agent_name          TEXT NOT NULL DEFAULT 'Assistant',
  agent_type          TEXT NOT NULL DEFAULT 'multi_purpose',
  voice_provider      TEXT NOT NULL DEFAULT 'elevenlabs',
  voice_id            TEXT,
  voice_language      TEXT NOT NULL DEFAULT 'fr-FR',
  greeting_message    TEXT,
  system_prompt       TEXT,
  enable_appointments INTEGER NOT NULL DEFAULT 0 CHECK (enable_appointments IN (0, 1)),
  enable_products     INTEGER NOT NULL DEFAULT 0 CHECK (enable_products IN (0, 1)),
  created_at          TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP,
  updated_at          TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP,
  FOREIGN KEY (tenant_id) REFERENCES tenants (id) ON DELETE CASCADE
);

-- Which tenant a number belongs to. UNIQUE, because an incoming call must have exactly one owner.
-- No CHECK on the format of the number: the table must accept numbers as people type them, which are normalised later.
CREATE TABLE omni_phone_mappings (
  id           TEXT PRIMARY KEY,
  phone_number TEXT NOT NULL UNIQUE,
  tenant_id    TEXT NOT NULL,
  is_active    INTEGER NOT NULL DEFAULT 1 CHECK (is_active IN (0, 1)),
  created_at   TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP,
  updated_at   TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP,
  FOREIGN KEY (tenant_id) REFERENCES tenants (id) ON DELETE CASCADE
);

CREATE INDEX idx_omni_agent_configs_type ON omni_agent_configs (agent_type);
CREATE INDEX idx_omni_phone_mappings_tenant ON omni_phone_mappings (tenant_id, is_active);
