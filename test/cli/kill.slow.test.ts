import { describe, expect, test } from "vitest";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { d1ops, makeProject, pad, type Project, reportOf, start } from "../project.ts";

/** Each migration makes one table, puts its number in it, and moves the counter: what stands can be told from the schema alone. */
const COUNT = 250;
const FOLDER = Object.fromEntries(
  Array.from({ length: COUNT }, (_, i) => [
    `migrations/${pad(i + 1)}_step.sql`,
    i === 0
      ? "CREATE TABLE counter(n INTEGER NOT NULL); INSERT INTO counter VALUES (1); CREATE TABLE t1(a);"
      : `CREATE TABLE t${i + 1}(a);\nINSERT INTO t${i + 1} VALUES (${i + 1});\nUPDATE counter SET n = n + 1 WHERE n = ${i};`,
  ]),
);

interface Standing {
  readonly ledger: readonly string[];
  readonly own: readonly string[];
  readonly tables: readonly number[];
  readonly counter: number;
}

function standing(project: Project): Standing {
  if (!existsSync(project.file)) return { ledger: [], own: [], tables: [], counter: 0 };
  const db = project.open();
  const column = (sql: string): string[] => {
    try {
      return db
        .prepare(sql)
        .all()
        .map((row) => String(Object.values(row)[0]));
    } catch (error) {
      if (error instanceof Error && error.message.startsWith("no such table")) return [];
      throw error;
    }
  };
  try {
    expect(column("PRAGMA integrity_check")).toEqual(["ok"]);
    return {
      ledger: column("SELECT name FROM d1_migrations ORDER BY id"),
      own: column("SELECT name FROM d1ops_migrations ORDER BY name"),
      tables: column("SELECT name FROM sqlite_master WHERE name GLOB 't[0-9]*'")
        .map((name) => Number(name.slice(1)))
        .sort((a, b) => a - b),
      counter: Number(column("SELECT n FROM counter")[0] ?? 0),
    };
  } finally {
    db.close();
  }
}

function expectAgreement({ ledger, own, tables, counter }: Standing): void {
  const numbers = ledger.map((name) => Number.parseInt(name, 10));
  expect(numbers).toEqual(Array.from({ length: counter }, (_, i) => i + 1));
  expect(own).toEqual([...ledger]);
  expect(tables).toEqual(numbers);
}

/** Starts an apply, kills it after so many milliseconds, and answers whether it was still running. */
async function killAfter(project: Project, ms: number): Promise<boolean> {
  const child = start(project, ["migrate", "apply", "--local"]);
  const ended = once(child, "exit");
  await new Promise((resume) => setTimeout(resume, ms));
  child.kill("SIGKILL");
  const [, signal] = await ended;
  return signal === "SIGKILL";
}

describe("killed at any moment", () => {
  test(
    "after each of a few hundred kills ledger and schema agree, and the next apply completes",
    { timeout: 280_000 },
    async () => {
      const kills = Number(process.env["D1OPS_TEST_KILLS"] ?? 200);
      let project = makeProject(FOLDER);
      const seen = new Set<number>();
      let landed = 0;
      let before = 0;
      // How long a start takes differs by machine and moment, so the delay follows what the last kill met, with a sweep around it.
      let delay = 100;
      for (let i = 0; i < kills; i += 1) {
        landed += (await killAfter(project, Math.max(0, delay + ((i * 7) % 40) - 20))) ? 1 : 0;
        const now = standing(project);
        expectAgreement(now);
        seen.add(now.counter);
        delay += now.counter === before ? 6 : now.counter > before + 8 ? -8 : 0;
        before = now.counter;
        if (now.counter > COUNT - 60) {
          const report = reportOf(await d1ops(project, ["migrate", "apply", "--local", "--json"]));
          expect(report.exitCode).toBe(0);
          expectAgreement(standing(project));
          expect(standing(project).counter).toBe(COUNT);
          project = makeProject(FOLDER);
          before = 0;
        }
      }
      // A test that always killed too early or too late would show nothing.
      expect(landed).toBeGreaterThan(kills * 0.8);
      expect(seen.size).toBeGreaterThan(kills / 4);
      expect(
        reportOf(await d1ops(project, ["migrate", "apply", "--local", "--json"])).exitCode,
      ).toBe(0);
      expect(standing(project).counter).toBe(COUNT);
      expect(
        reportOf(await d1ops(project, ["migrate", "verify", "--json"])).data["differences"],
      ).toEqual([]);
    },
  );
});
