import { expect, test } from "vitest";
import { d1opsBuilt, makeProject } from "../project.ts";

const TIMER = `data:text/javascript,${encodeURIComponent("setInterval(() => {}, 1000);")}`;

test.skipIf(process.platform === "win32")(
  "the process exits after the report, and does not wait for an open timer",
  async () => {
    const project = makeProject({ "migrations/0001_a.sql": "CREATE TABLE a(x);" });
    const env = { ...process.env, NODE_OPTIONS: `--import=${TIMER}` };
    for (const [line, code] of [
      ["migrate status --exit-code", 1],
      ["migrate apply --local", 0],
      ["migrate status --nonsense", 2],
      ["--help", 0],
    ] as const) {
      expect(await d1opsBuilt(project, line.split(" "), { env }), line).toMatchObject({ code });
    }
  },
);
