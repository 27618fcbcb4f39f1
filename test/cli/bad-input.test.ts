import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { asPlainUser, NO_PLAIN_USER, PLAIN_USER } from "../plain-user.ts";
import {
  BIN,
  d1ops,
  errorOf,
  makeProject,
  type Project,
  type Run,
  run as runProgram,
} from "../project.ts";

const ONE = { "migrations/0001_core.sql": "CREATE TABLE users(id INTEGER PRIMARY KEY);" };
const APPLY = ["migrate", "apply", "--local", "--json"];

interface Case {
  readonly says: string;
  readonly files?: Readonly<Record<string, string>>;
  readonly prepare?: (project: Project) => void;
  readonly args?: readonly string[];
  readonly exit: 2 | 3;
  readonly code: string;
  readonly message: RegExp;
  readonly hint: RegExp;
}

const cases: Case[] = [
  {
    says: "no config",
    prepare: ({ dir }) => rmSync(join(dir, "wrangler.jsonc")),
    exit: 2,
    code: "CONFIG_NOT_FOUND",
    message: /wrangler\.jsonc/,
    hint: / -c PATH$/,
  },
  {
    says: "a config that is not where -c says",
    args: ["-c", "nowhere.jsonc"],
    exit: 2,
    code: "CONFIG_UNREADABLE",
    message: /nowhere\.jsonc does not exist/,
    hint: /wrangler\.jsonc/,
  },
  {
    says: "broken JSONC",
    files: { "wrangler.jsonc": '{\n  "name": "x",\n  "d1_databases": [\n' },
    exit: 2,
    code: "CONFIG_INVALID",
    message: /wrangler\.jsonc/,
    hint: /./,
  },
  {
    says: "broken TOML",
    prepare: ({ dir }) => writeFileSync(join(dir, "w.toml"), 'name = "x"\n[[d1_databases]\n'),
    args: ["-c", "w.toml"],
    exit: 2,
    code: "CONFIG_INVALID",
    message: /w\.toml/,
    hint: /./,
  },
  {
    says: "an unknown database",
    args: ["--db", "shop-bd"],
    exit: 2,
    code: "DATABASE_UNKNOWN",
    message: /shop-bd/,
    hint: /shop-db/,
  },
  {
    says: "an unknown environment",
    files: {
      "wrangler.jsonc":
        '{"name":"x","env":{"staging":{"d1_databases":[{"binding":"DB","database_name":"s","database_id":"s"}]}}}',
    },
    args: ["--env", "stagin"],
    exit: 2,
    code: "ENVIRONMENT_UNKNOWN",
    message: /stagin/,
    hint: /staging/,
  },
  {
    says: "environments, and none named",
    files: {
      "wrangler.jsonc":
        '{"name":"x","d1_databases":[{"binding":"DB","database_name":"s","database_id":"s"}],"env":{"staging":{"d1_databases":[{"binding":"DB","database_name":"t","database_id":"t"}]}}}',
    },
    exit: 2,
    code: "ENVIRONMENT_MISSING",
    message: /staging/,
    hint: /--env ""/,
  },
  {
    says: "no database in the config",
    files: { "wrangler.jsonc": '{"name":"x"}' },
    exit: 2,
    code: "DATABASE_NONE",
    message: /./,
    hint: /./,
  },
  {
    says: "no migrations folder",
    files: { "migrations/0001_core.sql": "" },
    prepare: ({ dir }) =>
      writeFileSync(
        join(dir, "wrangler.jsonc"),
        '{"d1_databases":[{"binding":"DB","database_id":"x","migrations_dir":"elsewhere"}]}',
      ),
    exit: 2,
    code: "MIGRATIONS_FOLDER_MISSING",
    message: /elsewhere/,
    hint: /./,
  },
  {
    says: "an empty folder",
    prepare: ({ dir }) => mkdirSync(join(dir, "empty")),
    files: {
      "wrangler.jsonc":
        '{"d1_databases":[{"binding":"DB","database_id":"x","migrations_dir":"empty"}]}',
    },
    exit: 2,
    code: "MIGRATIONS_NONE",
    message: /empty/,
    hint: /migrate new/,
  },
  {
    says: "a directory named x.sql",
    files: ONE,
    prepare: ({ dir }) => mkdirSync(join(dir, "migrations/x.sql")),
    exit: 2,
    code: "MIGRATION_NOT_A_FILE",
    message: /x\.sql/,
    hint: /./,
  },
  {
    says: "invalid UTF-8",
    files: ONE,
    prepare: ({ write }) =>
      write("migrations/0002_bad.sql", new Uint8Array([0x2d, 0x2d, 0x0a, 0xff, 0xfe])),
    exit: 2,
    code: "MIGRATION_NOT_UTF8",
    message: /0002_bad\.sql/,
    hint: /./,
  },
  {
    says: "an unknown --to",
    files: ONE,
    args: ["--to", "0001_cor"],
    exit: 2,
    code: "MIGRATION_UNKNOWN",
    message: /0001_cor/,
    hint: /0001_core\.sql/,
  },
  {
    says: "a database file that is no SQLite file",
    files: ONE,
    prepare: (project) =>
      place(project, "this is not a database, although it is long enough to be looked at as one"),
    exit: 3,
    code: "DATABASE_NOT_SQLITE",
    message: /sqlite/,
    hint: /./,
  },
  {
    says: "a directory where the database file should be",
    files: ONE,
    prepare: ({ file }) => mkdirSync(file, { recursive: true }),
    exit: 3,
    code: "DATABASE_UNREADABLE",
    message: /sqlite/,
    hint: /./,
  },
  {
    says: "a ledger that is a table of another tool",
    files: ONE,
    prepare: (project) => withTable(project, "CREATE TABLE d1_migrations(hash TEXT)"),
    exit: 3,
    code: "LEDGER_INVALID",
    message: /d1_migrations/,
    hint: /migrations_table/,
  },
];

function place({ file }: Project, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

function withTable(project: Project, sql: string): void {
  mkdirSync(dirname(project.file), { recursive: true });
  const db = project.open();
  db.exec(`PRAGMA journal_mode = WAL; ${sql}; INSERT INTO d1_migrations VALUES ('x')`);
  db.close();
}

describe("bad input", () => {
  test.each(cases)(
    "is $code with a hint and changes nothing: $says",
    async ({ files, prepare, args, exit, code, message, hint }) => {
      const project = makeProject(files);
      prepare?.(project);
      const before = snapshot(project.dir);
      const run = await d1ops(project, [...APPLY, ...(args ?? [])]);
      expect(errorOf(run)).toMatchObject({
        code,
        message: expect.stringMatching(message),
        hint: expect.stringMatching(hint),
      });
      expect(run).toMatchObject({ code: exit, stdout: "" });
      expect(run.stderr).not.toMatch(/\n\s+at /);
      expect(snapshot(project.dir)).toEqual(before);
      const text = await d1ops(project, [...APPLY.slice(0, 3), ...(args ?? [])]);
      expect(text.stderr).toMatch(new RegExp(`^error ${code}: `));
      expect(text.stderr).not.toMatch(/^\s+at /m);
      if (!args?.includes("--to")) {
        expect((await d1ops(project, ["migrate", "status", ...(args ?? [])])).code, "status").toBe(
          code === "ENVIRONMENT_MISSING" ? 2 : exit,
        );
      }
    },
  );
});

/** Runs the program as a user to whom file permissions apply. */
function asUser(project: Project, args: readonly string[]): Promise<Run> {
  if (PLAIN_USER === null) throw new Error(NO_PLAIN_USER);
  const command = asPlainUser(PLAIN_USER, [process.execPath, BIN, ...args]);
  return runProgram(...command, project.dir, PLAIN_USER.options);
}

describe("a project without permissions", () => {
  beforeEach(({ skip }) => skip(PLAIN_USER === null, NO_PLAIN_USER));

  test("fails with DATABASE_READ_ONLY and exit 3, and changes nothing, if its folder is read-only", async () => {
    const project = makeProject(ONE);
    chmodSync(project.dir, 0o555);
    const refused = await asUser(project, APPLY);
    expect(errorOf(refused)).toMatchObject({
      code: "DATABASE_READ_ONLY",
      hint: expect.any(String),
    });
    expect(refused.code).toBe(3);
    expect(existsSync(join(project.dir, ".wrangler"))).toBe(false);
    chmodSync(project.dir, 0o755);
  });

  test("can be read by status if its database file is read-only, and apply explains why it fails", async () => {
    const project = makeProject(ONE);
    await d1ops(project, APPLY);
    project.write("migrations/0002_next.sql", "CREATE TABLE next(a);");
    chmodSync(project.dir, 0o755);
    chmodSync(project.file, 0o444);
    chmodSync(dirname(project.file), 0o555);
    const status = await asUser(project, ["migrate", "status", "--json"]);
    expect(JSON.parse(status.stdout)).toMatchObject({
      data: { applied: ["0001_core.sql"], pending: ["0002_next.sql"] },
    });
    const refused = await asUser(project, APPLY);
    expect(errorOf(refused).code).toBe("DATABASE_READ_ONLY");
    expect(refused.code).toBe(3);
    chmodSync(dirname(project.file), 0o755);
  });

  test("fails with MIGRATION_UNREADABLE if a migration cannot be read", async () => {
    const project = makeProject(ONE);
    chmodSync(project.dir, 0o755);
    chmodSync(join(project.dir, "migrations/0001_core.sql"), 0o000);
    const refused = await asUser(project, APPLY);
    expect(errorOf(refused)).toMatchObject({ code: "MIGRATION_UNREADABLE" });
    expect(refused.code).toBe(2);
  });

  test("fails with MIGRATION_UNREADABLE if the folder of the backfills cannot be read", async () => {
    const project = makeProject({ ...ONE, "migrations/backfills/0001_a.sql": "" });
    const folder = join(project.dir, "migrations/backfills");
    chmodSync(project.dir, 0o755);
    chmodSync(folder, 0o000);
    const refused = await asUser(project, ["backfill", "list", "--json"]);
    expect(errorOf(refused)).toMatchObject({ code: "MIGRATION_UNREADABLE" });
    expect(refused.code).toBe(2);
    chmodSync(folder, 0o755);
  });
});

test("a file system in which no folder can be created is DATABASE_READ_ONLY, although node reports ENOENT", async () => {
  const project = makeProject(ONE);
  const run = await d1ops(project, [...APPLY, "--persist-to", "/proc/d1ops-state"]);
  expect(errorOf(run)).toMatchObject({
    code: "DATABASE_READ_ONLY",
    message: expect.stringContaining("/proc/d1ops-state"),
  });
  expect(run.code).toBe(3);
});

/** Every file of the folder with its bytes; SQLite's shared memory is not data. */
function snapshot(dir: string): Record<string, string> {
  return Object.fromEntries(
    readdirSync(dir, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !/-(shm|wal)$/.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name))
      .sort()
      .map((path) => [path, readFileSync(path).toString("hex")]),
  );
}
