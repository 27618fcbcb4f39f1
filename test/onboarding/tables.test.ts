import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { renderTables, TABLES_FILE } from "./tables.ts";

test("the types of the tables are those that the migrations make (npm run tables)", async () => {
  expect(readFileSync(TABLES_FILE, "utf8")).toBe(await renderTables());
});
