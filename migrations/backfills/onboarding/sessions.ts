/**
 * The first checks of a session, as SQL: its tenant, its status, and whether its document is readable.
 * fixtures/legacy/README.md lists their order.
 * @module
 */

/** The column of a session with the answers that a backfill reads. */
export type Blob = "business_data" | "vapi_data";

/** The time of completion, in any notation; if it is missing, the time of the last update. */
const MOMENT =
  "coalesce(julianday(o.completed_at), julianday(o.last_updated_at), julianday(o.started_at), 0)";

/**
 * Of a tenant's completed sessions, only the latest counts. It compares times, not texts, and then ids to get exactly one.
 * `+`: a tenant has few sessions, a status has very many, and SQLite does not know which of the two indexes is better.
 */
const LATEST = `(SELECT o.id FROM onboarding_sessions AS o
    WHERE o.tenant_id = s.tenant_id AND +o.status = 'completed' AND o.user_id <> 'anonymous' ORDER BY ${MOMENT} DESC, o.id DESC LIMIT 1)`;

/** `current`, or an outcome and its reason. */
const STANDING = `CASE
    WHEN s.tenant_id IS NULL THEN 'invalid: tenant-null'
    WHEN t.id IS NULL THEN 'invalid: tenant-missing'
    WHEN t.id = 'default' OR s.user_id = 'anonymous' THEN 'invalid: placeholder-identity'
    WHEN t.email LIKE '%@temp.local'
      AND NOT EXISTS (SELECT 1 FROM onboarding_sessions AS o WHERE o.tenant_id = t.id AND o.current_step > 1) THEN 'skipped: abandoned'
    WHEN s.status = 'abandoned' THEN 'skipped: abandoned'
    WHEN s.status <> 'completed' THEN 'skipped: not-completed'
    WHEN s.id <> ${LATEST} THEN 'skipped: superseded'
    ELSE 'current'
  END`;

/**
 * `object`, `none`, or an outcome and its reason. For a duplicate key, SQLite returns one value and
 * JSON.parse the other, so the backfill must not choose one silently.
 */
function documentOf(blob: Blob): string {
  const it = `s.${blob}`;
  return `CASE
    WHEN ${it} IS NULL THEN 'none'
    WHEN NOT json_valid(${it}) OR typeof(${it}) = 'blob' THEN 'invalid: json-malformed'
    WHEN json_type(${it}) <> 'object' THEN 'invalid: json-not-an-object'
    WHEN json_extract(${it}, '$.anonymized') IS 1 THEN 'skipped: anonymized'
    WHEN EXISTS (SELECT 1 FROM json_tree(${it}) AS j GROUP BY j.fullkey HAVING count(*) > 1) THEN 'invalid: json-duplicate-key'
    ELSE 'object'
  END`;
}

/** A source: every session with its `standing`, the blob, the kind of its `document`, and `more` columns. */
export function sessionsWith(blob: Blob, more: readonly string[]): string {
  const columns = ["s.id", "s.tenant_id", `s.${blob}`, `${STANDING} AS standing`];
  return `SELECT ${[...columns, `${documentOf(blob)} AS document`, ...more].join(",\n  ")}
FROM onboarding_sessions AS s LEFT JOIN tenants AS t ON t.id = s.tenant_id`;
}

/**
 * A reconciliation: sessions of that source that have neither the result that `done` looks for nor an entry in
 * the quarantine. It leaves out sessions that the backfill skips.
 */
export function withoutTrace(backfill: string, source: string, done: string): string {
  return `SELECT c.id, c.tenant_id, CASE c.standing WHEN 'current' THEN c.document ELSE c.standing END AS found
FROM (${source}) AS c
WHERE (c.standing LIKE 'invalid: %' OR (c.standing = 'current' AND c.document NOT LIKE 'skipped: %' AND NOT (${done})))
  AND NOT EXISTS (SELECT 1 FROM d1ops_quarantine AS q WHERE q.backfill = '${backfill}' AND q.key = quote(c.id))`;
}
