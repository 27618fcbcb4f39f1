import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, vi } from "vitest";
import {
  type Cloudflare,
  type RemoteDatabase,
  startCloudflare,
} from "../../../fixtures/cloudflare/fake.ts";
import { backfillRun, type BackfillRunOptions } from "../../../src/commands/backfill/run.ts";
import type { Report } from "../../../src/report/report.ts";
import { impatientClock, makeRemoteProject, type RemoteProject } from "../../project/remote.ts";

export const FILL = `-- d1ops:source t
-- d1ops:key id
-- d1ops:outcome
CASE WHEN id % 5 = 0 THEN 'already' WHEN id % 5 = 1 THEN 'invalid: one' ELSE 'changed' END
-- d1ops:write
UPDATE t SET n = n + 1 WHERE id IN (SELECT id FROM todo);
INSERT INTO log(id) SELECT id FROM todo;
-- d1ops:reconcile
SELECT id FROM t WHERE n = 0 AND id % 5 > 1 AND id <> 99;
`;
const DECIDE = `export default {
  source: "t", key: "id",
  decide: ({ id }) => ({ outcome: "changed", writes: [["UPDATE t SET n = n + 1 WHERE id = ?", id]] }),
};
`;
const FILES = {
  "migrations/backfills/0001_fill.sql": FILL,
  "migrations/backfills/0002_decide.mjs": DECIDE,
};

/** Dry runs with a fake Cloudflare, and the folder of their copies, which is empty before and after each test. */
export interface DryRunFixture {
  readonly cloudflare: Cloudflare;
  /** The files in the folder of copies. */
  copies(): string[];
  /** `more` is SQL that runs after the default rows were inserted. */
  projectWith(more?: string, files?: Readonly<Record<string, string>>): RemoteProject;
  go(project: RemoteProject, over?: Partial<BackfillRunOptions>): Promise<Report>;
}

export function dryRunFixture(): DryRunFixture {
  let cloudflare: Cloudflare;
  let folder = "";
  beforeAll(async () => {
    cloudflare = await startCloudflare({ timeTravel: "bookmarks only", pace: { pollMs: 1 } });
  });
  afterAll(() => cloudflare.close());
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "d1ops-copies-"));
    cloudflare.onRequest = null;
    cloudflare.log.length = 0;
  });
  afterEach(() => {
    expect(readdirSync(folder)).toEqual([]);
    rmSync(folder, { recursive: true });
  });
  return {
    get cloudflare() {
      return cloudflare;
    },
    copies: () => readdirSync(folder),
    projectWith(more = "", files = {}) {
      const project = makeRemoteProject(cloudflare, { ...FILES, ...files });
      fill(project.database, more);
      return project;
    },
    async go(project, over = {}) {
      vi.stubEnv("TMPDIR", folder);
      const work = backfillRun({
        cwd: project.dir,
        place: "remote",
        yes: true,
        dryRun: true,
        name: "0001_fill",
        window: 15,
        maxWindow: 15,
        variables: cloudflare.variables(),
        clock: impatientClock(),
        ...over,
      });
      return work.finally(() => vi.unstubAllEnvs());
    },
  };
}

/** A child comes before its parent, as an export would write it. */
function fill({ open }: RemoteDatabase, more = ""): void {
  const db = open();
  db.exec(`CREATE TABLE child(id INTEGER PRIMARY KEY, t INTEGER REFERENCES t(id));
CREATE TABLE t(id INTEGER PRIMARY KEY, n INTEGER DEFAULT 0, note, CHECK (n = 0 OR id <> 99));
CREATE TABLE log(id INTEGER PRIMARY KEY);
WITH RECURSIVE k(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM k WHERE i < 100) INSERT INTO t(id) SELECT i FROM k;
INSERT INTO child SELECT id, id FROM t; ${more}`);
  db.close();
}
