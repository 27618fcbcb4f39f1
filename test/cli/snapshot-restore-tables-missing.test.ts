import { existsSync, rmSync } from "node:fs";
import { expect, test } from "vitest";
import { d1ops, errorOf, makeProject, reportOf } from "../project.ts";
import { takeIn } from "./snapshot-shop.ts";

test("a restore of some tables into a missing local database names the rows that would refer to nothing", async () => {
  const project = makeProject({
    "migrations/0001_core.sql":
      "CREATE TABLE users(id INTEGER PRIMARY KEY); CREATE TABLE orders(user REFERENCES users); INSERT INTO users VALUES (1); INSERT INTO orders VALUES (1);",
  });
  expect((await d1ops(project, ["migrate", "apply", "--local"])).code).toBe(0);
  await takeIn(project);
  for (const end of ["", "-wal", "-shm"]) rmSync(`${project.file}${end}`, { force: true });
  const restore = ["snapshot", "restore", "latest", "--json"];
  const refused = await d1ops(project, [...restore, "--local", "--tables", "orders", "--yes"]);
  expect(errorOf(refused).code).toBe("NOT_CONFIRMED");
  expect(existsSync(project.file)).toBe(false);
  const both = await d1ops(project, [...restore, "--local", "--tables", "orders,users", "--yes"]);
  expect(reportOf(both)).toMatchObject({ outcome: "changed", data: { orphans: [] } });
  const file = await d1ops(project, [...restore, "--to", "file:out.sqlite", "--tables", "orders"]);
  expect(reportOf(file)).toMatchObject({ outcome: "changed", data: { orphans: [] } });
});
