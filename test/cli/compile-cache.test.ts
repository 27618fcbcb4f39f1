import { globSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { d1opsBuilt, makeProject } from "../project.ts";

/** What a local apply loads: `bin/d1ops.js`, and the parts `core`, `migrations` and `changes`. */
const LOADED = 4;

test("commands that follow each other use the same compile cache, and none rewrites it", async () => {
  const project = makeProject({
    "migrations/0001_a.sql": "CREATE TABLE a(x);",
    "migrations/0002_b.sql": "CREATE TABLE b(x);",
  });
  const cache = join(project.dir, "compiled");
  const env = { ...process.env, NODE_COMPILE_CACHE: cache };
  const run = async (line: string): Promise<void> => {
    const { code, stderr } = await d1opsBuilt(project, line.split(" "), { env });
    expect(code, `${line}: ${stderr}`).toBe(0);
  };
  const files = (): Record<string, number> =>
    Object.fromEntries(
      globSync(join(cache, "*/*"))
        .sort()
        .map((path) => [path, statSync(path).ino]),
    );
  await run("migrate apply --local --to 0001_a.sql");
  const cached = files();
  expect(Object.keys(cached)).toHaveLength(LOADED);
  for (const line of ["migrate status", "migrate plan", "migrate apply --local", "status"]) {
    await run(line);
    expect(files(), line).toMatchObject(cached);
  }
});
