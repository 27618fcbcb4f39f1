import { expect, test } from "vitest";
import { migrateVerify } from "../../../src/commands/migrate/verify.ts";
import { makeProject, wrangler } from "../../project.ts";
import { LIMITED, LIMITED_JOBS } from "./limited-writes.ts";

test("verify passes after wrangler has applied DELETE and UPDATE with LIMIT", async () => {
  const project = makeProject(LIMITED);
  const applied = await wrangler(project, ["d1", "migrations", "apply", "DB", "--local"]);
  expect(applied).toMatchObject({ code: 0 });
  const report = await migrateVerify({ cwd: project.dir, place: "local" });
  expect(report).toMatchObject({ outcome: "ok", exitCode: 0, findings: [] });
  const db = project.open();
  expect(db.prepare("SELECT * FROM kept").all()).toEqual(LIMITED_JOBS);
  db.close();
});
