/** @module The text of a new backfill's file: valid as it is, and ready to run once the names of table and columns are replaced. */
import { quoteString } from "../sql/quote.ts";

export interface NewBackfill {
  readonly name: string;
  /** The migration that has to be applied first; null: none. */
  readonly after: string | null;
}

/** Both templates contain the same names to replace. */
export function sqlTemplate({ name, after }: NewBackfill): string {
  return `-- The backfill ${name}. Replace your_table, old_column and new_column.
-- Each line "-- d1ops:..." begins a part; all parts: docs/backfills.md of d1ops.
${after === null ? "-- To let a migration be applied first: d1ops:after NAME.sql" : `-- d1ops:after ${after}`}
-- d1ops:source your_table
-- Columns that are unique together and never NULL. d1ops reads the rows in their order.
-- d1ops:key id
-- d1ops:outcome
-- What to do with each row: 'changed', 'already', 'skipped', 'conflict: REASON' or 'invalid: REASON'.
-- The last two go to the table d1ops_quarantine.
CASE
  WHEN new_column IS NOT NULL THEN 'already'
  WHEN old_column IS NULL THEN 'invalid: old_column is NULL'
  ELSE 'changed'
END
-- d1ops:write
-- Runs once for each window of rows; "todo" has those that are 'changed'.
UPDATE your_table SET new_column = old_column WHERE id IN (SELECT id FROM todo);
-- d1ops:reconcile
-- Selects the rows that are not done, so it must return no row. Rows in the quarantine are excluded.
SELECT id FROM your_table
WHERE new_column IS NULL
  AND quote(id) NOT IN (SELECT key FROM d1ops_quarantine WHERE backfill = ${quoteString(name)});
`;
}

const PACKAGE = '"d1ops"';

/** It imports only a type, so that it also runs if d1ops is not installed in the project. */
export function programTemplate({ name, after }: NewBackfill): string {
  return `// The backfill ${name}. Replace your_table, old_column and new_column.
// All parts: docs/backfills.md of d1ops.
import type { BackfillDefinition } from ${PACKAGE};

const backfill: BackfillDefinition = {
${after === null ? '  // To let a migration be applied first: after: "NAME.sql",' : `  after: ${JSON.stringify(after)},`}
  source: "your_table",
  // Columns that are unique together and never NULL. d1ops reads the rows in their order.
  key: "id",
  // What to do with each row: "changed", "already", "skipped", "conflict" or "invalid". The last two need a reason, and go to
  // the table d1ops_quarantine. decide() never writes: d1ops runs the writes, in one transaction for each window of rows.
  decide({ id, old_column, new_column }) {
    if (new_column !== null) return { outcome: "already" };
    if (typeof old_column !== "string") return { outcome: "invalid", reason: "old_column is not a text" };
    return {
      outcome: "changed",
      writes: [["UPDATE your_table SET new_column = ? WHERE id = ?", old_column.trim(), id]],
    };
  },
  // Selects the rows that are not done, so it must return no row. Rows in the quarantine are excluded.
  reconcile: \`SELECT id FROM your_table WHERE new_column IS NULL
    AND quote(id) NOT IN (SELECT key FROM d1ops_quarantine WHERE backfill = ${quoteString(name).replaceAll("`", "\\`")})\`,
};

export default backfill;
`;
}
