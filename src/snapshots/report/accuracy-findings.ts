/** @module The findings about a snapshot that may differ from its database. */
import type { Finding } from "../../report/report.ts";
import { count } from "../../report/wording.ts";
import type { ExportChange, SnapshotDatabase } from "../store/manifest.ts";
import type { Snapshot } from "../store/manifests.ts";
import { shortId } from "./snapshot-words.ts";

/** `error` for the run that took the snapshot. */
type Level = "error" | "warning";

/** Empty if the snapshot has exactly the content of its database at one moment. */
export function accuracyFindings(
  { id, manifest: { database } }: Pick<Snapshot, "id" | "manifest">,
  level: Level,
): Finding[] {
  if (database === null) return [];
  const short = shortId(id);
  return [
    ...consistencyFindings(short, database, level),
    ...searchFindings(short, database, level),
    ...(database.exported?.changes ?? []).map((one) => changeFinding(short, one, level)),
  ];
}

/** A remote database that changed during each reading. */
function consistencyFindings(
  short: string,
  { consistent, source }: SnapshotDatabase,
  level: Level,
): Finding[] {
  if (consistent) return [];
  return [
    {
      rule: "not-consistent",
      level,
      message: `The snapshot ${short} is not consistent: ${source.database} changed each time that d1ops read it, so its tables are of different moments.`,
      help: "Take it again when fewer clients write.",
    },
  ];
}

function searchFindings(
  short: string,
  { exported, source }: SnapshotDatabase,
  level: Level,
): Finding[] {
  if (exported === undefined || exported.search === "exact") return [];
  const rule = "export-unchecked";
  if (exported.search === "failed") {
    const message = `The snapshot ${short} may differ from ${source.database}: d1ops could not look for values that Cloudflare's export changes.`;
    return [{ rule, level, message, help: WITHOUT_EXPORT }];
  }
  const message = `Clients wrote to ${source.database} while d1ops looked for values that Cloudflare's export changes. So the snapshot ${short} may have changed values that d1ops did not see.`;
  return [{ rule, level: "warning", message, help: WITHOUT_EXPORT }];
}

function changeFinding(
  short: string,
  { of, table, column, rows, what }: ExportChange,
  level: Level,
): Finding {
  const where = column === null ? table : `${table}.${column}`;
  return {
    rule: "export-flaw",
    // SQLite itself may change such rowids.
    level: of === "rowids" ? "warning" : level,
    table,
    message: `The snapshot ${short} differs from the database: ${where}, ${count(rows, "row")}: ${what}.`,
    help: WITHOUT_EXPORT,
  };
}

const WITHOUT_EXPORT =
  "Cloudflare's export is the cause. A snapshot that is taken without --via export has the exact values.";
