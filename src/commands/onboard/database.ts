/** @module Opens the database for onboarding, or a copy of it for a dry run, and requires the tables of the migrations. */
import { copyLocal, openCopy } from "../../database/copy.ts";
import { openLocal } from "../../database/local.ts";
import type { D1Database, Database } from "../../database/port.ts";
import { lacksSchema, refusalOf } from "../../failure/kind.ts";
import { OpsError } from "../../onboarding/errors.ts";
import { onboardWhole, type WholeInput } from "../../onboarding/whole-tenant.ts";
import { command, offer } from "../../report/command.ts";
import type { Target } from "../../report/report.ts";
import { type OnboardOptions, portsOver } from "./options.ts";
import { localPath, localTarget, openDatabase } from "../../project/open-database.ts";
import type { Project } from "../../project/project.ts";

/** Closing discards a copy. Closing a local database syncs it to the disk, before the verb returns its report. */
export async function openForOnboarding(project: Project<OnboardOptions>): Promise<Database> {
  const dry = project.options.dryRun === true;
  return project.byPlace({
    remote: async () => openDatabase(project, dry ? "read" : "write"),
    local: async () => openLocally(project, dry),
  })();
}

async function openLocally({ settings, closing }: Project, dry: boolean): Promise<Database> {
  const path = localPath(settings, settings.database);
  const target = localTarget(settings, settings.database);
  return closing(
    dry
      ? openCopy(await copyLocal(path), target, "close")
      : openLocal(path, target, { mode: "write", durable: "close" }),
  );
}

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
export async function requireTables({ d1, target }: Database): Promise<void> {
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
