/**
 * Whether this Worker and its database fit together.
 * @module
 */
import { z } from "zod";
import type { D1Database } from "../database/port.ts";
import { missingIn } from "../failure/kind.ts";
import { packageVersion } from "../version.ts";

/** The migration that the code was written for: without it some statement has no table to go to. */
export const REQUIRED = "0007_onboarding_keys.sql";

/** `onboard init` numbers its copies after the project's own migrations, so that only the title stays. */
const REQUIRED_TITLE = REQUIRED.replace(/^\d+/, "");

export interface Health {
  readonly status: "ok" | "schema-behind" | "database-unavailable" | "not-configured";
  readonly version: string;
  /** Of the deployed Worker, where Cloudflare tells it. */
  readonly release: string | null;
  readonly schema: {
    /** The migration that was applied last; null: none, or it cannot be read. */
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
    return told(ok ? "ok" : "schema-behind", release, row?.level ?? null);
  } catch (error) {
    const lacksTable = missingIn(error)?.kind === "table";
    return told(lacksTable ? "schema-behind" : "database-unavailable", release, null);
  }
}

export function notConfigured(): Health {
  return told("not-configured", null, null);
}

function told(status: Health["status"], release: string | null, level: string | null): Health {
  const schema = { level, required: REQUIRED, ok: status === "ok" };
  return { status, version: packageVersion(), release, schema };
}
