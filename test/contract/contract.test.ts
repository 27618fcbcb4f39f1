import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Cloudflare, startCloudflare } from "../../fixtures/cloudflare/fake.ts";
import { connectApi } from "../../src/cloudflare/api.ts";
import { remoteD1 } from "../../src/cloudflare/d1.ts";
import { openLocal } from "../../src/database/local.ts";
import { openMemory } from "../../src/database/memory.ts";
import type { Database } from "../../src/database/port.ts";
import { openRemote } from "../../src/database/remote.ts";
import type { Target } from "../../src/report/report.ts";
import { ROOT } from "../project.ts";
import type { Case } from "./case.ts";
import { functionNames } from "./cases/functions.ts";
import { groups } from "./cases/index.ts";
import { knownAtCloudflare, knownDifferences, knownInMemory, knownWithoutPlace } from "./known.ts";
import { outcome, type Outcome } from "./outcome.ts";
import { startWorkerd, type Oracle } from "./workerd.ts";

/** Runs the same cases on workerd and on each adapter, and compares the answers. */

/** A folder in memory, if the system has one: thousands of temporary files need no disk. */
const shared = "/dev/shm";
const folder = mkdtempSync(join(existsSync(shared) ? shared : tmpdir(), "contract-"));
const target: Target = { place: "local", database: "contract", id: "contract", env: null };
const all = Object.values(groups).flat();
const listed = [...knownDifferences, ...knownInMemory, ...knownAtCloudflare].flatMap(
  ({ cases }) => cases,
);

let workerd: Oracle;
let cloudflare: Cloudflare;
let empty: Buffer;
let files = 0;

beforeAll(async () => {
  empty = emptyFile();
  workerd = await startWorkerd(folder);
  cloudflare = await startCloudflare({ timeTravel: "off", folder });
});

afterAll(async () => {
  await workerd.close();
  await cloudflare.close();
  rmSync(folder, { recursive: true });
});

/** A file as workerd creates it, with workerd's own table. */
function emptyFile(): Buffer {
  const path = join(folder, "empty.sqlite");
  const db = new DatabaseSync(path);
  db.exec(`PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;
    CREATE TABLE _cf_METADATA (key INTEGER PRIMARY KEY, value BLOB);
    INSERT INTO _cf_METADATA VALUES(2, x'00')`);
  db.close();
  return readFileSync(path);
}

function openFile(): Database {
  files += 1;
  const path = join(folder, `${files}.sqlite`);
  writeFileSync(path, empty);
  return openLocal(path, target, { mode: "write" });
}

async function openAtCloudflare(): Promise<Database> {
  const { id, name } = cloudflare.createDatabase({ name: `contract-${(files += 1)}` });
  const api = connectApi({
    credentials: { kind: "token", token: cloudflare.token, source: "test" },
    baseUrl: cloudflare.apiBaseUrl,
    userAgent: "test",
    rate: { turn: async () => {}, update() {}, pauseAll() {} },
    clock: { now: () => 0, sleep: async () => {}, random: () => 0 },
  });
  const remoteTarget: Target = { place: "remote", database: name, id, env: null };
  const remote = remoteD1(api, cloudflare.account, id);
  const close = (): void => cloudflare.deleteDatabase(id);
  return { ...openRemote(remote, remoteTarget, { mode: "write" }), close };
}

const adapters = {
  memory: { open: async () => openMemory(), known: [...knownDifferences, ...knownInMemory] },
  file: { open: async () => openFile(), known: knownDifferences },
  remote: { open: openAtCloudflare, known: knownAtCloudflare },
} as const;

describe.each(Object.keys(groups))("%s", (about) => {
  const cases = groups[about] ?? [];
  let expected: Outcome[] = [];

  beforeAll(async () => {
    expected = await workerd.ask(about);
  });

  describe.each(["memory", "file", "remote"] as const)("in %s", (where) => {
    const { open, known } = adapters[where];
    const differs = new Set(known.flatMap((one) => one.cases));

    let forReading: Database;
    beforeAll(async () => {
      forReading = await open();
    });
    afterAll(() => forReading.close());

    test.each(cases.map((one, i) => [one.name, one, i] as const))("%s", async (name, one, i) => {
      const database = one.reads === true ? forReading : await open();
      try {
        const ours = asJson(await outcome(database.d1, one));
        if (differs.has(name)) expect(ours).not.toEqual(expected[i]);
        else if (!knownWithoutPlace.includes(name)) expect(ours).toEqual(expected[i]);
        else {
          expect(ours).not.toEqual(expected[i]);
          expect(withoutPlace(ours)).toEqual(withoutPlace(expected[i]));
        }
      } finally {
        if (database !== forReading) database.close();
      }
    });
  });

  test.each(
    cases.filter(({ name }) => saysInternalError(name)).map((one) => [one.name, one] as const),
  )(
    "d1ops reports the reason where D1 reports only `internal error`, and both leave the same state: %s",
    async (name, one: Case) => {
      const database = openMemory();
      const ours = await outcome(database.d1, one);
      const theirs = expected[cases.findIndex((other) => other.name === name)];
      expect(JSON.stringify(theirs)).toContain("internal error; reference = …");
      expect(JSON.stringify(ours)).toMatch(/D1_ERROR: .+: SQLITE_(?:CONSTRAINT|BUSY)/);
      expect(ours.schema).toEqual(theirs?.schema);
      expect(ours.rows).toEqual(theirs?.rows);
      database.close();
    },
  );
});

test("the contract calls every function of node's SQLite", () => {
  const db = new DatabaseSync(":memory:");
  const names = db.prepare("SELECT DISTINCT name FROM pragma_function_list").all();
  db.close();
  const known = new Set<string>(["->", "->>", ...functionNames]);
  expect(names.map(({ name }) => String(name)).filter((name) => !known.has(name))).toEqual([]);
});

test("the contract has unique names of cases, and its lists of differences contain only such names", () => {
  const names = new Set(all.map(({ name }) => name));
  expect(names.size).toBe(all.length);
  expect([...listed, ...knownWithoutPlace].filter((name) => !names.has(name))).toEqual([]);
});

test("docs/d1.md has exactly one row for each known difference", () => {
  const page = readFileSync(join(ROOT, "docs", "d1.md"), "utf8");
  const rowsUnder = (heading: string): string[] => {
    const section = page.split(/^## /m).find((part) => part.startsWith(`${heading}\n`)) ?? "";
    const rows = [...section.matchAll(/^\| (.+?) \|/gm)].map(([, title = ""]) => title);
    return rows.filter((title) => title !== "what" && !title.startsWith("---"));
  };
  const titles = (list: readonly { readonly title: string }[]): string[] =>
    list.map(({ title }) => title);
  expect(rowsUnder("Local databases")).toEqual(titles(knownDifferences));
  expect(rowsUnder("In memory")).toEqual(titles(knownInMemory));
  expect(rowsUnder("Remote databases")).toEqual(
    titles(knownAtCloudflare.filter((one) => !knownDifferences.includes(one))),
  );
});

function saysInternalError(name: string): boolean {
  return knownDifferences.some(
    ({ why, cases }) => why.includes("internal error") && cases.includes(name),
  );
}

/** Converts our outcome as workerd's was converted on its way here. */
function asJson(value: Outcome): unknown {
  return JSON.parse(
    JSON.stringify(value, (_, one: unknown) => (typeof one === "bigint" ? `${one}n` : one)),
  ) as unknown;
}

function withoutPlace(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value).replaceAll(/ at offset \d+/g, "")) as unknown;
}
