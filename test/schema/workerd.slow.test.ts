import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sample } from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { getPlatformProxy } from "wrangler";
import type { D1Database } from "../../src/database/port.ts";
import type { Schema } from "../../src/schema/model.ts";
import { readSchema } from "../../src/schema/introspect.ts";
import { anyDesign } from "./any-design.ts";
import { schemaOf } from "./database.ts";
import { EXAMPLES } from "./examples.ts";
import { spell } from "./spell.ts";
import { anyNumbers, Tape } from "./tape.ts";

process.env["CLOUDFLARE_CF_FETCH_ENABLED"] = "false"; // No call to the network.

const random = sample(anyNumbers(5000), { numRuns: 25, seed: 20_261_122 }).map((numbers) => {
  const tape = new Tape(numbers);
  return spell(anyDesign(tape), { tape, alter: true });
});
const schemas: readonly (readonly [name: string, statements: readonly string[]])[] = [
  ...Object.entries(EXAMPLES),
  ...random.map((statements, at) => [`random ${at}`, statements] as const),
];

type Binding = D1Database & { withSession(): D1Database };

let folder = "";
let proxy: Awaited<ReturnType<typeof getPlatformProxy<Record<string, Binding>>>>;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "schema-"));
  const configPath = join(folder, "wrangler.json");
  const databases = schemas.map((_, at) => ({
    binding: `DB${at}`,
    database_name: `db${at}`,
    database_id: `id${at}`,
  }));
  writeFileSync(
    configPath,
    JSON.stringify({ name: "x", compatibility_date: "2026-10-01", d1_databases: databases }),
  );
  proxy = await getPlatformProxy<Record<string, Binding>>({
    configPath,
    persist: false,
    envFiles: [],
  });
});

afterAll(async () => {
  await proxy.dispose();
  rmSync(folder, { recursive: true, force: true });
});

/** The schema that workerd's binding returns, with its table of bookmarks present. */
async function schemaInWorkerd(at: number, statements: readonly string[]): Promise<Schema> {
  const binding = proxy.env[`DB${at}`];
  if (binding === undefined) throw new Error("no such database");
  await binding.batch(statements.map((statement) => binding.prepare(statement)));
  await binding.withSession().prepare("SELECT 1").first();
  const { results } = await binding.prepare("SELECT name FROM sqlite_master").all();
  expect(results).toContainEqual({ name: "_cf_METADATA" });
  return await readSchema(binding);
}

describe("readSchema", () => {
  test.each(schemas.map(([name, statements], at) => ({ name, statements, at })))(
    "returns the same schema from workerd's binding and from memory: $name",
    async ({ statements, at }) => {
      expect(await schemaInWorkerd(at, statements)).toEqual(await schemaOf(statements));
    },
  );
});
