/** @module Runs the `prepare` of a program: once per run, before the first decision. */
import type { D1Database } from "../database/port.ts";
import { refusalOf } from "../failure/kind.ts";
import { OpsError } from "../report/error.ts";
import { onlyReads } from "../sql/classify.ts";
import { split } from "../sql/split.ts";
import type { Failed, RunRequest } from "./run-request.ts";
import { textOfThrown } from "./thrown.ts";

/** `prepared` is null if the backfill has no `prepare`. An error that the program throws is the file's fault and ends the run. */
export async function prepare({
  d1,
  backfill,
}: Pick<RunRequest, "d1" | "backfill">): Promise<{ readonly prepared: unknown } | Failed> {
  if (backfill.kind === "sql" || backfill.prepare === null) return { prepared: null };
  try {
    return { prepared: await backfill.prepare(readOnly(d1)) };
  } catch (error) {
    if (error instanceof OpsError) throw error;
    const reason = refusalOf(error)?.reason ?? textOfThrown(error);
    return { kind: "failed", message: `prepare() failed: ${reason}` };
  }
}

/** Rejects every statement that writes: a write of `prepare` would be neither guarded nor counted, and a resumed run would repeat it. */
function readOnly(d1: D1Database): D1Database {
  const checked = (sql: string): string => {
    const write = split(sql).find(({ text }) => !onlyReads(text));
    if (write === undefined) return sql;
    throw new Error(`\`prepare\` can only read; this statement writes: ${write.text.slice(0, 60)}`);
  };
  return {
    prepare: (sql) => d1.prepare(checked(sql)),
    batch: async (statements) => d1.batch(statements),
    exec: async (sql) => d1.exec(checked(sql)),
  };
}
