import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { renderTables, TABLES_FILE } from "./tables.ts";

test("tables.ts equals the file that npm run tables generates from the migrations", async () => {
  expect(readFileSync(TABLES_FILE, "utf8")).toBe(await renderTables());
});
