/** @module Which functions of the built program ordinary commands call: V8's coverage of a few commands in a small project. */
import { spawnSync } from "node:child_process";
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Ends } from "./compile-eagerly.ts";

const FILES: Readonly<Record<string, string>> = {
  "wrangler.jsonc": JSON.stringify({
    name: "shop",
    compatibility_date: "2025-06-01",
    d1_databases: [
      {
        binding: "DB",
        database_name: "shop-db",
        database_id: "11111111-2222-3333-4444-555555555555",
      },
    ],
  }),
  "migrations/0001_users.sql": `-- The users of the shop.
    CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT NOT NULL, plan TEXT DEFAULT 'free');
    CREATE UNIQUE INDEX users_email ON users (email);
    INSERT INTO users (email) VALUES ('one@example.com'), ('two@example.com');`,
  "migrations/0002_log.sql": `CREATE TABLE log (user_id INTEGER NOT NULL REFERENCES users (id), at TEXT);
    CREATE TRIGGER users_log AFTER UPDATE ON users BEGIN
      INSERT INTO log VALUES (new.id, CURRENT_TIMESTAMP);
    END;
    ALTER TABLE users ADD COLUMN name TEXT;
    UPDATE users SET name = email;`,
  "migrations/0003_plan.sql": `CREATE TABLE users_new (id INTEGER PRIMARY KEY, email TEXT, plan TEXT, name TEXT);
    INSERT INTO users_new SELECT id, email, plan, name FROM users;
    UPDATE users_new SET plan = 'none' WHERE plan IS NULL;`,
};

/** Run in turn, in one project. */
const COMMANDS = [
  "migrate status",
  "migrate plan",
  "migrate apply --local --to 0001_users.sql",
  "migrate status",
  "status",
  "migrate apply --local",
  "migrate verify --local",
  "migrate status",
];

/**
 * Runs the commands of `program`, and returns the functions that they called, for each file that they loaded. {@link keyOf} makes the keys.
 * @throws Error if a command fails
 */
export function usedFunctions(program: string): ReadonlyMap<string, Ends> {
  const project = mkdtempSync(join(tmpdir(), "d1ops-build-"));
  const coverage = join(project, "coverage");
  try {
    for (const [path, text] of Object.entries(FILES)) {
      mkdirSync(dirname(join(project, path)), { recursive: true });
      writeFileSync(join(project, path), text);
    }
    for (const command of COMMANDS) run(program, command, project, coverage);
    return endsOf(globSync(join(coverage, "*.json")));
  } finally {
    rmSync(project, { recursive: true, force: true });
  }
}

function run(program: string, command: string, cwd: string, coverage: string): void {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...command.split(" ")], {
    cwd,
    encoding: "utf8",
    env: {
      ...withoutSettings(process.env),
      NODE_V8_COVERAGE: coverage,
      // The coverage of a function from the compile cache can be incomplete.
      NODE_DISABLE_COMPILE_CACHE: "1",
    },
  });
  if (status !== 0) throw new Error(`${command} ended with ${status}:\n${stdout}${stderr}`);
}

/** Without the variables that choose an environment, an account or colours: every build marks the same functions. */
function withoutSettings(variables: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const own = Object.entries(variables).filter(
    ([name]) => !/^(?:CLOUDFLARE|CF|D1OPS)_|_COLOR$/i.test(name),
  );
  return Object.fromEntries(own);
}

/** The parts of V8's coverage that are read here. The first range of a function is the function itself. */
interface Coverage {
  readonly result: readonly {
    readonly url: string;
    readonly functions: readonly {
      readonly ranges: readonly { readonly endOffset: number; readonly count: number }[];
    }[];
  }[];
}

function endsOf(reports: readonly string[]): ReadonlyMap<string, Ends> {
  const ends = new Map<string, Set<number>>();
  for (const report of reports) {
    const { result }: Coverage = JSON.parse(readFileSync(report, "utf8"));
    for (const { url, functions } of result) {
      const called = ends.get(url) ?? new Set();
      for (const {
        ranges: [whole],
      } of functions) {
        if (whole !== undefined && whole.count > 0) called.add(whole.endOffset);
      }
      ends.set(url, called);
    }
  }
  return ends;
}

/** The key of a file. */
export const keyOf = (path: string): string => pathToFileURL(path).href;
