import { expect, onTestFinished, test } from "vitest";
import { startCloudflare } from "../../../fixtures/cloudflare/fake.ts";
import { backfillRun } from "../../../src/commands/backfill/run.ts";
import { renderReport } from "../../../src/commands/render-report.ts";
import { impatientClock, makeRemoteProject } from "../../project/remote.ts";

const FILL = `-- d1ops:source t
-- d1ops:key id
-- d1ops:outcome
CASE WHEN id = 1 THEN 'invalid: one' ELSE 'changed' END
-- d1ops:write
UPDATE t SET n = n WHERE id IN (SELECT id FROM todo);
-- d1ops:reconcile
SELECT id, n FROM t;
`;

test("backfill run reports integers beyond 2^53 as texts in every format", async () => {
  const cloudflare = await startCloudflare({ timeTravel: "bookmarks only" });
  onTestFinished(() => cloudflare.close());
  const project = makeRemoteProject(cloudflare, { "migrations/backfills/0001_fill.sql": FILL });
  const db = project.database.open();
  db.exec(
    "CREATE TABLE t(id INTEGER PRIMARY KEY, n); INSERT INTO t VALUES (1, 9007199254740993), (2, 5)",
  );
  db.close();
  const report = await backfillRun({
    cwd: project.dir,
    variables: cloudflare.variables(),
    clock: impatientClock(),
    place: "remote",
    name: "1",
    yes: true,
    withoutBookmark: true,
  });
  expect(report.data["leftOver"]).toEqual(['{"id":1,"n":"9007199254740993"}', '{"id":2,"n":5}']);
  for (const format of ["text", "json", "markdown", "html", "junit", "github", "sarif"] as const) {
    expect(await renderReport(format, report)).not.toBe("");
  }
  const quarantined = report.findings.find(({ rule }) => rule === "quarantined");
  expect(quarantined?.help).toBe(
    `To see them:\nnpx wrangler d1 execute ${project.database.name} --remote --command "SELECT key, outcome, reason, original FROM d1ops_quarantine WHERE backfill = '0001_fill'"`,
  );
});
