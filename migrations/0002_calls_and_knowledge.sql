-- 0002_calls_and_knowledge: the calls of the voice agent, its documents, and its costs.

CREATE TABLE calls (
  id              TEXT PRIMARY KEY,
  tenant_id       TEXT NOT NULL,
  twilio_call_sid TEXT,
  from_number     TEXT,
  to_number       TEXT,
  direction       TEXT DEFAULT 'inbound',
  status          TEXT DEFAULT 'initiated',
  duration        INTEGER DEFAULT 0,
  end_reason      TEXT,
  agent_id        TEXT,
  prospect_id     TEXT,
  metadata        TEXT,
  created_at      TEXT DEFAULT CURRENT_TIMESTAMP,
  updated_at      TEXT DEFAULT CURRENT_TIMESTAMP,
  FOREIGN KEY (tenant_id) REFERENCES tenants (id),
  FOREIGN KEY (agent_id) REFERENCES agents (id)
);

CREATE TABLE call_messages (
  id          TEXT PRIMARY KEY,
  call_id     TEXT NOT NULL,
  role        TEXT NOT NULL,
  content     TEXT NOT NULL,
  tool_name   TEXT,
  tool_result TEXT,
  created_at  TEXT DEFAULT CURRENT_TIMESTAMP,
  FOREIGN KEY (call_id) REFERENCES calls (id)
);

CREATE TABLE call_summaries (
  id                 TEXT PRIMARY KEY,
  call_id            TEXT NOT NULL UNIQUE,
  tenant_id          TEXT NOT NULL,
  message_count      INTEGER DEFAULT 0,
  duration           INTEGER DEFAULT 0,
  summary            TEXT,
  sentiment          TEXT,
  intent             TEXT,
  appointment_booked INTEGER DEFAULT 0,
  created_at         TEXT DEFAULT CURRENT_TIMESTAMP,
  FOREIGN KEY (call_id) REFERENCES calls (id),
  FOREIGN KEY (tenant_id) REFERENCES tenants (id)
);

-- The dashboard reads this view. If you rename calls, SQLite rewrites this view and the references of
-- call_messages and call_summaries, so that they refer to the renamed table.
CREATE VIEW v_call_stats AS
SELECT
  tenant_id,
  date(created_at)                               AS day,
  count(*)                                       AS calls,
  count(*) FILTER (WHERE status = 'completed')   AS completed,
  sum(duration)                                  AS seconds
FROM calls
GROUP BY tenant_id, date(created_at);

-- One row per channel and tenant. Until 0004, it is the only place outside a JSON blob that has the number of a tenant.
-- It has no foreign key, because the channels module was a separate product. omni_agent_configs replaces it, but the
-- channels page (fixtures/legacy-project/src/index.js) still reads it, so it cannot be dropped yet.
CREATE TABLE channel_configurations (
  id               TEXT PRIMARY KEY,
  tenant_id        TEXT NOT NULL,
  channel_type     TEXT NOT NULL CHECK (channel_type IN ('phone', 'sms', 'email', 'whatsapp')),
  enabled          INTEGER DEFAULT 0,
  configured       INTEGER DEFAULT 0,
  config_encrypted TEXT,
  config_public    TEXT DEFAULT '{}',
  templates        TEXT DEFAULT '{}',
  assistant_id     TEXT,
  created_at       DATETIME DEFAULT CURRENT_TIMESTAMP,
  updated_at       DATETIME DEFAULT CURRENT_TIMESTAMP,
  UNIQUE (tenant_id, channel_type)
);

CREATE TABLE knowledge_documents (
  id           TEXT PRIMARY KEY,
  tenant_id    TEXT NOT NULL,
  source_type  TEXT NOT NULL,
  source_url   TEXT,
  title        TEXT NOT NULL,
  content      TEXT,
  content_hash TEXT,
  word_count   INTEGER DEFAULT 0,
  chunk_count  INTEGER DEFAULT 0,
  metadata     TEXT,
  status       TEXT DEFAULT 'pending',
  is_active    INTEGER DEFAULT 1,
  created_at   DATETIME DEFAULT CURRENT_TIMESTAMP,
  updated_at   DATETIME DEFAULT CURRENT_TIMESTAMP,
  FOREIGN KEY (tenant_id) REFERENCES tenants (id) ON DELETE CASCADE
);

-- embedding is the quantised vector, one signed byte per dimension. A dump must not turn this BLOB into text.
CREATE TABLE knowledge_chunks (
  id              TEXT PRIMARY KEY,
  document_id     TEXT NOT NULL,
  tenant_id       TEXT NOT NULL,
  chunk_index     INTEGER NOT NULL,
  content         TEXT NOT NULL,
  token_count     INTEGER DEFAULT 0,
  embedding       BLOB,
  embedding_model TEXT DEFAULT 'text-embedding-3-small',
  metadata        TEXT,
  created_at      DATETIME DEFAULT CURRENT_TIMESTAMP,
  UNIQUE (document_id, chunk_index),
  FOREIGN KEY (document_id) REFERENCES knowledge_documents (id) ON DELETE CASCADE,
  FOREIGN KEY (tenant_id) REFERENCES tenants (id) ON DELETE CASCADE
);

-- The only table with a counter (AUTOINCREMENT): invoices print the number, so it must be unique for ever.
-- 9223372036854775807 in an included_* column means unlimited.
CREATE TABLE billing_plans (
  id                   INTEGER PRIMARY KEY AUTOINCREMENT,
  plan_id              TEXT NOT NULL UNIQUE,
  name                 TEXT NOT NULL,
  description          TEXT,
  monthly_price_cents  INTEGER NOT NULL,
  currency             TEXT DEFAULT 'EUR',
  included_calls       INTEGER NOT NULL DEFAULT 0,
  included_tts_seconds INTEGER NOT NULL DEFAULT 0,
  overage_ratio        REAL,
  features_json        TEXT,
  is_active            BOOLEAN DEFAULT TRUE,
  created_at           DATETIME DEFAULT CURRENT_TIMESTAMP
);

CREATE INDEX idx_calls_tenant ON calls (tenant_id, created_at DESC);
CREATE INDEX idx_calls_sid ON calls (twilio_call_sid);
CREATE INDEX idx_call_messages_call ON call_messages (call_id);
CREATE INDEX idx_knowledge_documents_tenant ON knowledge_documents (tenant_id);
CREATE INDEX idx_knowledge_chunks_document ON knowledge_chunks (document_id);
