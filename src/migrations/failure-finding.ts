/**
 * The finding of a failed migration. Pure.
 * @module
 */
import { errorFinding } from "../report/report-body.ts";
import type { Finding } from "../report/report.ts";
import { culprit, culpritAt } from "../sql/culprit.ts";
import { excerpt, positionAt } from "../sql/position.ts";
import { adviceFor } from "./advice.ts";
import type { Migration } from "./migration.ts";
import type { Failure } from "./outcome.ts";

/** The finding of a failure. For a statement, it shows the line with a caret under the place of the error. */
export function failureFinding(migration: Migration, failure: Failure): Finding {
  const { name, file } = migration;
  switch (failure.kind) {
    case "error": {
      const { message } = failure.error;
      return errorFinding(failure.error, "error", {
        file,
        message: message.startsWith(name) ? message : `${name}: ${message}`,
      });
    }
    case "record":
      return {
        rule: "record-failed",
        level: "error",
        file,
        message: `${name} ran, but d1ops could not record it, so D1 rolled it back: ${failure.message}`,
        help: "Check whether it drops or changes the ledger tables (d1_migrations, d1ops_migrations). A migration must not change them.",
      };
    case "statement":
      return statementFinding(migration, failure);
  }
}

function statementFinding(
  migration: Migration,
  { message, index, place = null, offending = null }: Extract<Failure, { kind: "statement" }>,
): Finding {
  const statement = index === null ? undefined : migration.statements[index];
  const base = {
    rule: "statement-failed",
    level: "error" as const,
    file: migration.file,
    help: adviceFor(
      (statement === undefined ? migration.statements : [statement]).map(({ text }) => text),
      message,
      offending,
    ),
  };
  if (statement === undefined || index === null) {
    return { ...base, message: `${migration.name} failed: ${message}` };
  }
  const spot =
    (place === null ? null : culpritAt(statement.text, message, place)) ??
    culprit(statement.text, message);
  const offset = statement.start + (spot?.start ?? 0);
  const { line, column } = positionAt(migration.text, offset);
  return {
    ...base,
    message: `Statement ${index + 1} of ${migration.statements.length} in ${migration.name} failed: ${message}`,
    line,
    excerpt: excerpt(migration.text, offset, spot?.length ?? null),
    data: {
      statement: index + 1,
      statements: migration.statements.length,
      column,
      sql: statement.text,
      ...(offending !== null && { rows: offending.rows, keys: offending.keys }),
    },
  };
}
