/**
 * Generates the types for Kysely of the tables whose statements it builds, from the migrations.
 * @module
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { openMemory } from "../../src/database/memory.ts";
import type { Column } from "../../src/schema/model.ts";
import { readSchema } from "../../src/schema/introspect.ts";
import { replay } from "../../src/schema/replay.ts";
import { split } from "../../src/sql/split.ts";
import { ROOT } from "../project.ts";

export const TABLES_FILE = join(ROOT, "src/onboarding/tables.ts");

const TABLES: readonly string[] = ["omni_agent_configs", "onboarding_sessions", "tenants", "users"];

const HEAD = `/**
 * The tables that Kysely knows, as the migrations create them. Other statements are SQL. Generated: \`npm run tables\`.
 * @module
 */
import type { Generated } from "kysely";
`;

export async function renderTables(): Promise<string> {
  const folder = join(ROOT, "migrations");
  const names = readdirSync(folder).filter((name) => name.endsWith(".sql"));
  const migrations = names.sort().map((name) => ({
    name,
    statements: split(readFileSync(join(folder, name), "utf8")).map(({ text }) => text),
  }));
  const { d1, close } = openMemory();
  try {
    const replayed = await replay(d1, migrations);
    if (!replayed.ok) throw new Error(`${replayed.name}: ${replayed.message}`);
    const { tables } = await readSchema(d1);
    const texts = TABLES.map((name) => {
      const table = tables.find((one) => one.name === name);
      if (table === undefined) throw new Error(`no migration creates ${name}`);
      const key = table.primaryKey?.terms.map((term) => term.column) ?? [];
      const lines = table.columns.map(
        (column) => `    ${column.name}: ${typeOf(column, key.includes(column.name))};\n`,
      );
      return `  ${name}: {\n${lines.join("")}  };\n`;
    });
    return `${HEAD}\nexport interface Tables {\n${texts.join("")}}\n`;
  } finally {
    close();
  }
}

/** `Generated` may be absent in an INSERT. A key is required, although SQLite would accept NULL in a TEXT key. */
function typeOf({ type, notNull, default: preset }: Column, inKey: boolean): string {
  const value = /INT|REAL|BOOL/.test(type) ? "number" : type === "BLOB" ? "number[]" : "string";
  if (inKey) return value;
  const nullable = notNull ? value : `${value} | null`;
  return preset === null && notNull ? nullable : `Generated<${nullable}>`;
}
