import { hashes } from "../../src/files/hash.ts";
import type { Applied } from "../../src/migrations/ledger.ts";
import { type Migration, parseMigration } from "../../src/migrations/migration.ts";

/** A migration with this text. By default, it creates a table named after the file. */
export function migration(name: string, text = `CREATE TABLE "${name}"(a);`): Migration {
  return parseMigration({ name, file: `migrations/${name}`, text }, hashes);
}

/** A ledger row as d1ops writes it. With `null` as the checksum, it is a row of wrangler. */
export function applied(id: number, of: Migration | string, checksum?: string | null): Applied {
  const name = typeof of === "string" ? of : of.name;
  const known = checksum === undefined ? (typeof of === "string" ? "gone" : of.checksum) : checksum;
  return {
    id,
    name,
    appliedAt: "2026-01-02 03:04:05",
    record:
      known === null
        ? null
        : {
            checksum: known,
            textMark: null,
            startedAt: "2026-01-02T03:04:05.000Z",
            durationMs: 1,
            rowsWritten: 0,
            appliedBy: null,
            commit: null,
          },
  };
}
