import { expect, test } from "vitest";
import { d1opsBuilt, makeProject } from "../project.ts";

/** The built program meets a bug in a function inside of another: the build shortens other names there. */
const BUG = `data:text/javascript,${encodeURIComponent(`
  import fs from "node:fs";
  import { syncBuiltinESMExports } from "node:module";
  const { statSync } = fs;
  fs.statSync = (path, ...rest) => {
    if (path.endsWith(".sqlite")) throw new TypeError("a bug");
    return statSync(path, ...rest);
  };
  syncBuiltinESMExports();
`)}`;

test("the stack trace of a bug in the built program names its functions, their objects, and classes", async () => {
  const project = makeProject({ "migrations/0001_a.sql": "CREATE TABLE a(x);" });
  const ended = await d1opsBuilt(project, ["migrate", "apply", "--local", "--debug"], {
    env: { ...process.env, NODE_OPTIONS: `--import=${BUG}` },
  });
  expect(ended.code).toBe(70);
  for (const name of ["connection", "answer", "Object.batch", "Command.parseAsync"])
    expect(ended.stderr).toContain(` ${name} (`);
});
