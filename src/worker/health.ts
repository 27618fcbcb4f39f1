/** @module The health check: whether the schema of the database is recent enough for this Worker. */
import { z } from "zod";
import type { D1Database } from "../database/port.ts";
import { missingIn } from "../failure/kind.ts";
import { packageVersion } from "../version.ts";

/** The migration that the code requires. Without it, statements fail on missing tables or columns. */
export const REQUIRED = "0007_onboarding_keys.sql";

/** `onboard init` numbers its copies after the project's own migrations, so d1ops compares only the title. */
const REQUIRED_TITLE = REQUIRED.replace(/^\d+/, "");

export interface Health {
  readonly status: "ok" | "schema-behind" | "database-unavailable" | "not-configured";
  readonly version: string;
  /** The id of the deployed version. Null without the version metadata binding. */
  readonly release: string | null;
  readonly schema: {
    /** The last applied migration. Null if there is none, or if it cannot be read. */
    readonly level: string | null;
    readonly required: string;
    readonly ok: boolean;
  };
}

export const health: z.ZodType<Health> = z.strictObject({
  status: z.enum(["ok", "schema-behind", "database-unavailable", "not-configured"]),
  version: z.string(),
  release: z.string().nullable(),
  schema: z.strictObject({
    level: z.string().nullable(),
    required: z.string(),
    ok: z.boolean(),
  }),
});

const LEVEL = `SELECT (SELECT name FROM d1_migrations ORDER BY id DESC LIMIT 1) AS level,
  EXISTS (SELECT 1 FROM d1_migrations WHERE substr(name, -length(?1)) = ?1) AS ok`;

export async function healthOf(d1: D1Database, release: string | null): Promise<Health> {
  try {
    const row = await d1
      .prepare(LEVEL)
      .bind(REQUIRED_TITLE)
      .first<{ readonly level: string | null; readonly ok: number }>();
    const ok = row?.ok === 1;
    return healthWith(ok ? "ok" : "schema-behind", release, row?.level ?? null);
  } catch (error) {
    const lacksTable = missingIn(error)?.kind === "table";
    return healthWith(lacksTable ? "schema-behind" : "database-unavailable", release, null);
  }
}

export function notConfigured(): Health {
  return healthWith("not-configured", null, null);
}

function healthWith(
  status: Health["status"],
  release: string | null,
  level: string | null,
): Health {
  const schema = { level, required: REQUIRED, ok: status === "ok" };
  return { status, version: packageVersion(), release, schema };
}
