/** @module Checks that the database has what onboarding's statements need. */
import type { D1Database, Database } from "../../database/port.ts";
import { lacksSchema, refusalOf } from "../../failure/kind.ts";
import { offer } from "../../report/command.ts";
import { command } from "./onboarding-verbs.ts";
import type { Target } from "../../report/report.ts";
import { OpsError } from "../errors.ts";
import type { Ports } from "../ports.ts";
import { onboardWhole, type WholeInput } from "../whole-tenant.ts";

/** Input that needs every statement. */
const SAMPLE: WholeInput = {
  tenant: "sample",
  user: "sample",
  key: "sample",
  start: {},
  business: { company_name: "Sample", industry: "retail" },
  assistant: { agent_name: "Sample" },
  knowledge: { documents: [{ title: "Sample", source_type: "text", content: "Sample" }] },
};

/** Compiles all statements with EXPLAIN, in one request, and runs none. @throws OpsError ONBOARDING_NOT_READY */
export async function requireTables(
  { d1, target }: Database,
  portsOver: (d1: D1Database) => Ports,
): Promise<void> {
  const explaining: D1Database = {
    prepare: (query) => d1.prepare(`EXPLAIN QUERY PLAN ${query}`),
    batch: async (statements) => d1.batch(statements),
    exec: async (query) => d1.exec(query),
  };
  try {
    await onboardWhole(SAMPLE, "", portsOver(explaining));
  } catch (error) {
    throw notReady(error, target);
  }
}

/** Returns any error that is not about the schema unchanged. */
export function notReady(error: unknown, { database }: Target): unknown {
  const refusal = refusalOf(error);
  if (refusal === null || !lacksSchema(error)) return error;
  const reason = refusal.reason.replace(/: SQLITE_ERROR$/, "");
  const text = {
    message: `${database} lacks a table, column or index of onboarding's schema: ${reason}. Nothing was changed.`,
    hint: `${offer("To copy the missing migrations into the project", command("onboard init"))}\n${offer("Then, to apply them", command("migrate apply"))}`,
  };
  return new OpsError("ONBOARDING_NOT_READY", { reason }, text, { cause: error });
}
