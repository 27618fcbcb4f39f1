-- 0005_appointments_by_day: the day view asks for the appointments of one tenant between two times,
-- and without this index it reads all that the tenant ever had.
CREATE INDEX idx_appointments_day ON appointments (tenant_id, scheduled_at);
