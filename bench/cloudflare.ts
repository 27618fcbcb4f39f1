/** @module The fake Cloudflare of `fixtures/cloudflare` in a process of its own, where every request takes 50 ms, as over a network. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { isRecord } from "../fixtures/cloudflare/json-body.ts";
import type { Contents, Ledger } from "./contents.ts";
import type { Folder } from "./folders.ts";

const MAIN = resolve(import.meta.dirname, "../fixtures/cloudflare/main.ts");

/** One half passes before the service reads a request, the other half after. */
export const LATENCY_MS = 50;

export interface Hosted {
  readonly name: string;
  readonly id: string;
}

export interface Cloudflare {
  /** The environment variables that make a program call only this API, with its own home directory. */
  readonly variables: Readonly<Record<string, string>>;
  /** Creates a database, empty or from a SQL text, and clears the log of requests. */
  createDatabase(sql?: string): Promise<Hosted>;
  /** The number of requests since a database was created. */
  requests(): Promise<number>;
  /** The SQL texts of each request. */
  texts(): Promise<string[][]>;
  /** The values of a query's first column, as its API returns them. */
  values(database: Hosted, sql: string): Promise<string[]>;
  /** The contents of a database, as its API returns them. */
  contents(database: Hosted, folder: Folder, ledger: Ledger): Promise<Contents>;
  close(): Promise<void>;
}

export async function startCloudflare(): Promise<Cloudflare> {
  const child = spawn(process.execPath, [MAIN, "--latency", String(LATENCY_MS)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const home = mkdtempSync(join(tmpdir(), "d1ops-bench-home-"));
  const leave = (): void => {
    child.kill();
    rmSync(home, { recursive: true, force: true });
  };
  process.once("exit", leave);
  const said = await firstLine(child.stdout);
  const token = textAt(said, "token");
  const log = `${textAt(said, "origin")}/log`;
  const databases = `${textAt(said, "apiBaseUrl")}/accounts/${textAt(said, "account")}/d1/database`;
  const ask = async (method: string, url: string, body?: object): Promise<unknown> => {
    const response = await fetch(url, {
      method,
      // A kept connection would time out during the next measured run, because this process is blocked then.
      headers: { Authorization: `Bearer ${token}`, Connection: "close" },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${url} was answered ${response.status}: ${text}`);
    return JSON.parse(text);
  };
  /** The first column of each statement. */
  const query = async (id: string, sql: string): Promise<string[][]> => {
    const answer = await ask("POST", `${databases}/${id}/query`, { sql });
    return listOf(at(answer, "result")).map(column);
  };
  let created = 0;

  return {
    variables: { ...textsAt(said, "variables"), ...homeVariables(home) },
    async createDatabase(sql) {
      created += 1;
      const name = `shop-db-${created}`;
      const id = textAt(at(await ask("POST", databases, { name }), "result"), "uuid");
      if (sql !== undefined) await query(id, sql);
      await ask("DELETE", log);
      return { name, id };
    },
    async requests() {
      return listOf(await ask("GET", log)).length;
    },
    async texts() {
      return listOf(await ask("GET", log)).map((entry) =>
        listOf(at(entry, "sql") ?? []).map(String),
      );
    },
    async values({ id }, sql) {
      return (await query(id, sql))[0] ?? [];
    },
    async contents({ id }, { expected }, ledger) {
      const sql = [
        "SELECT name FROM sqlite_schema",
        ledger === "with ledger" ? "SELECT name FROM d1_migrations ORDER BY id" : "SELECT 0",
        ...expected.tables.map((table) => `SELECT count(*) FROM "${table}"`),
      ].join(";\n");
      const [objects = [], recorded = [], ...counts] = await query(id, sql);
      const rows = counts.reduce((sum, [count]) => sum + Number(count), 0);
      return { objects, recorded: ledger === "with ledger" ? recorded : null, rows };
    },
    async close() {
      const ended = once(child, "exit");
      process.off("exit", leave);
      leave();
      await ended;
    },
  };
}

/** The folders that wrangler writes and reads, so that it does not find a login of the user. */
function homeVariables(home: string): Record<string, string> {
  return {
    HOME: home,
    XDG_CONFIG_HOME: join(home, "config"),
    WRANGLER_LOG_PATH: join(home, "logs"),
    WRANGLER_CACHE_DIR: join(home, "cache"),
    WRANGLER_REGISTRY_PATH: join(home, "registry"),
  };
}

async function firstLine(stdout: NodeJS.ReadableStream): Promise<unknown> {
  for await (const line of createInterface(stdout)) return JSON.parse(line);
  throw new Error("The fake Cloudflare did not start.");
}

/** The values of a query's first column. */
function column(answer: unknown): string[] {
  return listOf(at(answer, "results")).map((row) =>
    String(isRecord(row) ? Object.values(row)[0] : row),
  );
}

function at(value: unknown, key: string): unknown {
  return isRecord(value) ? value[key] : undefined;
}

function textAt(value: unknown, key: string): string {
  const found = at(value, key);
  if (typeof found !== "string") throw new Error(`no ${key} in ${JSON.stringify(value)}`);
  return found;
}

function textsAt(value: unknown, key: string): Record<string, string> {
  const found = at(value, key);
  const names = isRecord(found) ? Object.keys(found) : [];
  return Object.fromEntries(names.map((name) => [name, textAt(found, name)]));
}

function listOf(value: unknown): unknown[] {
  if (!Array.isArray(value)) throw new Error(`no list: ${JSON.stringify(value)}`);
  return value;
}
