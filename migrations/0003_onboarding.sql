-- 0003_onboarding: the six-step form that leads a new tenant to a working voice agent.

-- One row per run through the form. Each step stores its answers in a JSON blob. No constraint checks
-- the blobs, and each version of the front end wrote another shape.
-- JSON is not a type of SQLite: the columns get NUMERIC affinity, which is harmless for objects and arrays.
CREATE TABLE onboarding_sessions (
  id                  TEXT PRIMARY KEY,
  tenant_id           TEXT NOT NULL,
  user_id             TEXT NOT NULL,
  current_step        INTEGER DEFAULT 1,
  total_steps         INTEGER DEFAULT 6,
  progress_percentage INTEGER DEFAULT 0,
  business_data       JSON,
  agents_data         JSON,
  vapi_data           JSON,
  kb_data             JSON,
  completion_data     JSON,
  status              TEXT DEFAULT 'in_progress',
  source              TEXT DEFAULT 'web',
  started_at          TEXT NOT NULL,
  last_updated_at     TEXT NOT NULL,
  completed_at        TEXT,
  abandoned_at        TEXT,
  ip_address          TEXT,
  user_agent          TEXT,
  is_active           INTEGER DEFAULT 1,
  FOREIGN KEY (tenant_id) REFERENCES tenants (id) ON DELETE CASCADE,
  FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
  CHECK (current_step >= 1 AND current_step <= total_steps),
  CHECK (progress_percentage >= 0 AND progress_percentage <= 100),
  CHECK (status IN ('in_progress', 'completed', 'abandoned'))
);

-- How long each step took. No code has read it since the new dashboard.
CREATE TABLE onboarding_analytics (
  id                      TEXT PRIMARY KEY,
  session_id              TEXT NOT NULL,
  tenant_id               TEXT NOT NULL,
  total_duration_seconds  INTEGER,
  step_1_duration         INTEGER,
  step_2_duration         INTEGER,
  step_3_duration         INTEGER,
  step_4_duration         INTEGER,
  step_5_duration         INTEGER,
  step_6_duration         INTEGER,
  total_clicks            INTEGER DEFAULT 0,
  back_button_clicks      INTEGER DEFAULT 0,
  help_views              INTEGER DEFAULT 0,
  agents_auto_generated   BOOLEAN DEFAULT FALSE,
  agents_created_count    INTEGER DEFAULT 0,
  documents_created_count INTEGER DEFAULT 0,
  crawl_launched          BOOLEAN DEFAULT FALSE,
  completed               BOOLEAN DEFAULT FALSE,
  abandoned_at_step       INTEGER,
  created_at              TEXT NOT NULL,
  FOREIGN KEY (session_id) REFERENCES onboarding_sessions (id) ON DELETE CASCADE,
  FOREIGN KEY (tenant_id) REFERENCES tenants (id) ON DELETE CASCADE
);

-- The initial data of a new tenant, by industry.
CREATE TABLE onboarding_templates (
  id                       TEXT PRIMARY KEY,
  industry                 TEXT NOT NULL UNIQUE,
  default_agents           JSON NOT NULL,
  vapi_system_prompt       TEXT NOT NULL,
  vapi_first_message       TEXT NOT NULL,
  vapi_voice_settings      JSON,
  default_documents        JSON NOT NULL,
  default_faqs             JSON NOT NULL,
  suggested_crawl_patterns JSON,
  display_name             TEXT NOT NULL,
  description              TEXT,
  icon                     TEXT,
  is_active                INTEGER DEFAULT 1,
  created_at               TEXT NOT NULL,
  updated_at               TEXT NOT NULL
);

CREATE INDEX idx_onboarding_sessions_tenant ON onboarding_sessions (tenant_id);
CREATE INDEX idx_onboarding_sessions_user ON onboarding_sessions (user_id);
CREATE INDEX idx_onboarding_sessions_status ON onboarding_sessions (status);
CREATE INDEX idx_onboarding_sessions_started ON onboarding_sessions (started_at DESC);
CREATE INDEX idx_onboarding_analytics_session ON onboarding_analytics (session_id);
CREATE INDEX idx_onboarding_analytics_created ON onboarding_analytics (created_at DESC);
