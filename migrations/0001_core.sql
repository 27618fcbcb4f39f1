-- 0001_core: customers, their staff, and their appointments.
--
-- Rules that every file of this folder follows (README.md has the grammar):
--   * Plain CREATE without IF NOT EXISTS. If a table of that name exists already, the migration
--     must fail, so that a person looks at it.
--   * Keys are TEXT. The Worker creates them, so that a row has a name before it is written.
--   * Times are TEXT, ISO 8601 UTC when the Worker writes them, YYYY-MM-DD HH:MM:SS when a
--     DEFAULT does. The data has both: compare them with julianday(), never as text.
--   * No quote and no semicolon in a comment, because several splitters read this file.

-- A tenant is a company that is our customer. It has only these eight columns until 0004.
CREATE TABLE tenants (
  id                    TEXT PRIMARY KEY,
  name                  TEXT NOT NULL,
  email                 TEXT NOT NULL UNIQUE,
  api_key               TEXT NOT NULL UNIQUE,
  cal_com_api_key       TEXT,
  cal_com_event_type_id TEXT,
  timezone              TEXT DEFAULT 'Europe/Paris',
  created_at            TEXT DEFAULT CURRENT_TIMESTAMP
);

-- People who sign in. They are deleted with their tenant.
CREATE TABLE users (
  id            TEXT PRIMARY KEY,
  tenant_id     TEXT NOT NULL,
  email         TEXT NOT NULL UNIQUE,
  name          TEXT,
  password_hash TEXT NOT NULL,
  role          TEXT DEFAULT 'admin',
  is_active     INTEGER DEFAULT 1,
  created_at    TEXT DEFAULT CURRENT_TIMESTAMP,
  updated_at    TEXT DEFAULT CURRENT_TIMESTAMP,
  FOREIGN KEY (tenant_id) REFERENCES tenants (id) ON DELETE CASCADE
);

-- People appointments are made with. An agent outlives their login: SET NULL, not CASCADE.
-- tenant_id has no action: a tenant with agents cannot be deleted by accident.
CREATE TABLE agents (
  id                           TEXT PRIMARY KEY,
  tenant_id                    TEXT NOT NULL,
  user_id                      TEXT,
  first_name                   TEXT NOT NULL,
  last_name                    TEXT NOT NULL,
  email                        TEXT NOT NULL,
  phone                        TEXT,
  cal_com_username             TEXT,
  google_calendar_id           TEXT,
  default_appointment_duration INTEGER DEFAULT 60,
  buffer_time_minutes          INTEGER DEFAULT 15,
  max_appointments_per_day     INTEGER DEFAULT 8,
  is_active                    INTEGER DEFAULT 1,
  created_at                   TEXT DEFAULT CURRENT_TIMESTAMP,
  FOREIGN KEY (tenant_id) REFERENCES tenants (id),
  FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE SET NULL
);

CREATE TABLE properties (
  id         TEXT PRIMARY KEY,
  tenant_id  TEXT NOT NULL,
  type       TEXT NOT NULL,
  title      TEXT NOT NULL,
  address    TEXT,
  city       TEXT,
  price      REAL,
  available  INTEGER DEFAULT 1,
  created_at TEXT DEFAULT CURRENT_TIMESTAMP,
  FOREIGN KEY (tenant_id) REFERENCES tenants (id)
);

CREATE TABLE prospects (
  id         TEXT PRIMARY KEY,
  tenant_id  TEXT NOT NULL,
  first_name TEXT NOT NULL,
  last_name  TEXT,
  phone      TEXT NOT NULL,
  email      TEXT,
  status     TEXT DEFAULT 'new',
  created_at TEXT DEFAULT CURRENT_TIMESTAMP,
  FOREIGN KEY (tenant_id) REFERENCES tenants (id)
);

CREATE TABLE appointments (
  id               TEXT PRIMARY KEY,
  tenant_id        TEXT NOT NULL,
  prospect_id      TEXT NOT NULL,
  agent_id         TEXT,
  property_id      TEXT,
  type             TEXT NOT NULL,
  scheduled_at     TEXT NOT NULL,
  duration_minutes INTEGER DEFAULT 60,
  status           TEXT DEFAULT 'scheduled',
  management_token TEXT NOT NULL UNIQUE,
  call_transcript  TEXT,
  notes            TEXT,
  created_at       TEXT DEFAULT CURRENT_TIMESTAMP,
  FOREIGN KEY (tenant_id) REFERENCES tenants (id),
  FOREIGN KEY (prospect_id) REFERENCES prospects (id),
  FOREIGN KEY (agent_id) REFERENCES agents (id),
  FOREIGN KEY (property_id) REFERENCES properties (id)
);

-- The end of tenants <- users <- agents <- appointments <- appointment_notifications. A rebuild of
-- one of these tables must keep up to four levels of rows below it.
CREATE TABLE appointment_notifications (
  id             TEXT PRIMARY KEY,
  appointment_id TEXT NOT NULL,
  type           TEXT NOT NULL,
  recipient      TEXT NOT NULL,
  message        TEXT NOT NULL,
  status         TEXT DEFAULT 'pending',
  sent_at        TEXT,
  created_at     TEXT DEFAULT CURRENT_TIMESTAMP,
  FOREIGN KEY (appointment_id) REFERENCES appointments (id) ON DELETE CASCADE
);

-- Both tenant_id and agent_id are mandatory, but no constraint connects them: a slot can have one
-- tenant and the agent of another. The audit looks for such rows.
CREATE TABLE availability_slots (
  id           TEXT PRIMARY KEY,
  tenant_id    TEXT NOT NULL,
  agent_id     TEXT NOT NULL,
  day_of_week  INTEGER NOT NULL,
  start_time   TEXT NOT NULL,
  end_time     TEXT NOT NULL,
  is_available INTEGER DEFAULT 1,
  created_at   TEXT DEFAULT CURRENT_TIMESTAMP,
  FOREIGN KEY (tenant_id) REFERENCES tenants (id),
  FOREIGN KEY (agent_id) REFERENCES agents (id)
);

CREATE TABLE calendar_blocks (
  id             TEXT PRIMARY KEY,
  tenant_id      TEXT NOT NULL,
  agent_id       TEXT NOT NULL,
  start_datetime TEXT NOT NULL,
  end_datetime   TEXT NOT NULL,
  reason         TEXT,
  title          TEXT,
  created_at     TEXT DEFAULT CURRENT_TIMESTAMP,
  FOREIGN KEY (tenant_id) REFERENCES tenants (id),
  FOREIGN KEY (agent_id) REFERENCES agents (id)
);

-- Has a tenant_id without a foreign key on purpose: a log must outlive the tenant.
CREATE TABLE audit_logs (
  id            TEXT PRIMARY KEY,
  tenant_id     TEXT NOT NULL,
  user_id       TEXT,
  action        TEXT NOT NULL,
  resource_type TEXT,
  resource_id   TEXT,
  changes       TEXT,
  ip_address    TEXT,
  user_agent    TEXT,
  created_at    DATETIME DEFAULT CURRENT_TIMESTAMP
);

CREATE TABLE product_categories (
  id            TEXT PRIMARY KEY,
  tenant_id     TEXT NOT NULL,
  "key"         TEXT NOT NULL,
  name          TEXT NOT NULL,
  description   TEXT,
  icon          TEXT DEFAULT 'Package',
  color         TEXT DEFAULT 'blue',
  is_system     INTEGER DEFAULT 0,
  fields        TEXT DEFAULT '[]',
  display_order INTEGER DEFAULT 0,
  status        TEXT DEFAULT 'active',
  created_at    TEXT DEFAULT CURRENT_TIMESTAMP,
  updated_at    TEXT DEFAULT CURRENT_TIMESTAMP,
  created_by    TEXT,
  UNIQUE (tenant_id, "key"),
  FOREIGN KEY (tenant_id) REFERENCES tenants (id) ON DELETE CASCADE
);

CREATE INDEX idx_users_tenant ON users (tenant_id);
CREATE INDEX idx_agents_tenant ON agents (tenant_id);
CREATE INDEX idx_agents_user ON agents (user_id);
CREATE INDEX idx_prospects_tenant ON prospects (tenant_id);
CREATE INDEX idx_appointments_tenant ON appointments (tenant_id);
CREATE INDEX idx_appointments_agent ON appointments (agent_id);
CREATE INDEX idx_notifications_appointment ON appointment_notifications (appointment_id);
CREATE INDEX idx_slots_agent ON availability_slots (agent_id);
CREATE INDEX idx_audit_tenant ON audit_logs (tenant_id, created_at DESC);

-- An address may be reused after its former owner has left. But two active agents of one tenant
-- must not share an address, because calendar invitations would reach the wrong person.
CREATE UNIQUE INDEX ux_agents_active_email ON agents (tenant_id, email) WHERE is_active = 1;

-- The code cancels appointments in four places. This trigger withdraws the unsent notifications for all of them.
-- It is on ONE line and in upper case, because wrangler d1 migrations apply --remote sends the whole file to D1,
-- which splits it again. That splitter cuts triggers of several lines or in lower case
-- (workers-sdk 10998, 15314, 15690). Locally every spelling works, so no local test fails.
CREATE TRIGGER trg_appointments_cancelled AFTER UPDATE OF status ON appointments FOR EACH ROW WHEN NEW.status = 'cancelled' AND OLD.status <> 'cancelled' BEGIN UPDATE appointment_notifications SET status = 'withdrawn' WHERE appointment_id = NEW.id AND sent_at IS NULL; INSERT INTO audit_logs (id, tenant_id, action, resource_type, resource_id, changes) VALUES ('audit_' || lower(hex(randomblob(8))), NEW.tenant_id, 'appointment.cancelled', 'appointment', NEW.id, json_object('from', OLD.status, 'to', NEW.status)); END;
