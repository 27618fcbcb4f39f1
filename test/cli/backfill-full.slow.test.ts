import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { d1ops, makeProject, type Project, reportOf, ROOT, run } from "../project.ts";

/** A backfill that runs out of disk space: which writes it keeps, what it reports, and that the next run continues. */

const BIN = `${ROOT}/bin/d1ops.js`;
const RUN = ["backfill", "run", "1", "--local", "--json", "--window", "100", "--max-window", "100"];

const FILES = {
  "migrations/0001_t.sql": `CREATE TABLE t(id INTEGER PRIMARY KEY, n INTEGER NOT NULL, a);
WITH RECURSIVE k(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM k WHERE i < 1000) INSERT INTO t SELECT i, i, NULL FROM k;
`,
  "migrations/backfills/0001_grow.sql": `-- d1ops:source t
-- d1ops:key id
-- d1ops:write
UPDATE t SET n = n + 1, a = zeroblob(4000) WHERE {window};
-- d1ops:reconcile
SELECT id FROM t WHERE n <> id + 1;
`,
};

const COUNT = `const { DatabaseSync } = require("node:sqlite");
const db = new DatabaseSync(process.argv[1]);
console.log(JSON.stringify(db.prepare("SELECT sum(n = id + 1) AS done, sum(n NOT IN (id, id + 1)) AS wrong FROM t").get()));`;

async function shop(): Promise<Project> {
  const project = makeProject(FILES);
  expect((await d1ops(project, ["migrate", "apply", "--local"])).code).toBe(0);
  return project;
}

test.skipIf(process.platform === "win32")(
  "a run whose database file may not grow keeps the windows before it, and the next run continues",
  async () => {
    const project = await shop();
    const limited = `ulimit -f 4000; exec "$0" "$@"`;
    const args = ["-c", limited, process.execPath, BIN, ...RUN];
    const ended = await run("sh", args, project.dir, {});
    expect(ended.code, ended.stderr).toBe(4);
    expect(reportOf(ended)).toMatchObject({
      findings: [{ rule: "DATABASE_READ_ONLY", help: expect.stringContaining("room") }],
      data: { jobs: [{ state: "paused", changed: expect.any(Number) }] },
    });
    const after = await d1ops(project, RUN);
    expect(after.code, after.stdout).toBe(0);
    const db = project.open();
    expect(db.prepare("SELECT count(*) AS n FROM t WHERE n = id + 1").get()?.["n"]).toBe(1000);
    db.close();
  },
);

const MAY_MOUNT = spawnSync("unshare", ["-rm", "true"]).status === 0;

test.skipIf(!MAY_MOUNT)(
  "a run on a full disk reports the disk, and quarantines no row",
  async () => {
    const project = await shop();
    const script = `mount -t tmpfs -o size=2m tmpfs "$1" && cp -r "$2/." "$1" && shift 2
"$0" "$@"; echo "exit $?"; exec "$0" -e '${COUNT}' "$FILE"`;
    const room = `${project.dir}/room`;
    project.write("room/.keep", "");
    const state = `${project.dir}/.wrangler/state`;
    const ended = await run(
      "unshare",
      ["-rm", "sh", "-c", script, process.execPath, room, state, BIN, ...RUN, "--persist-to", room],
      project.dir,
      { env: { ...process.env, FILE: project.file.replace(state, room) } },
    );
    const [report = "", code, counts = ""] = ended.stdout.split(/^(exit \d+)\n/m);
    expect(code, ended.stderr).toBe("exit 4");
    const { findings, data } = JSON.parse(report);
    expect(findings).toEqual([
      expect.objectContaining({
        rule: "DATABASE_FULL",
        level: "error",
        message: expect.stringContaining("the disk is full"),
        help: expect.stringContaining("Free some space"),
      }),
    ]);
    expect(JSON.parse(counts)).toEqual({ done: data.jobs[0].changed, wrong: 0 });
  },
);
