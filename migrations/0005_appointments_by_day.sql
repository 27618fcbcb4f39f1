-- 0005_appointments_by_day: the day view reads the appointments of one tenant between two times.
-- Without this index, it reads all appointments of the tenant.
CREATE INDEX idx_appointments_day ON appointments (tenant_id, scheduled_at);
