import { once } from "node:events";
import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { d1ops, makeProject, pad, type Project, reportOf, start } from "../project.ts";
import { until } from "../until.ts";
import { appliedOf } from "./progress.ts";

/** Each migration creates one table, inserts its number, and increases the counter, so that the schema alone shows which ones are applied. */
const COUNT = 250;
const FOLDER = Object.fromEntries(
  Array.from({ length: COUNT }, (_, i) => [
    `migrations/${pad(i + 1)}_step.sql`,
    i === 0
      ? "CREATE TABLE counter(n INTEGER NOT NULL); INSERT INTO counter VALUES (1); CREATE TABLE t1(a);"
      : `CREATE TABLE t${i + 1}(a);\nINSERT INTO t${i + 1} VALUES (${i + 1});\nUPDATE counter SET n = n + 1 WHERE n = ${i};`,
  ]),
);

interface AppliedState {
  readonly ledger: readonly string[];
  readonly own: readonly string[];
  readonly tables: readonly number[];
  readonly counter: number;
}

function appliedState(project: Project): AppliedState {
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
      own: column("SELECT name FROM d1ops_migrations WHERE ledger = 'd1_migrations' ORDER BY name"),
      tables: column("SELECT name FROM sqlite_master WHERE name GLOB 't[0-9]*'")
        .map((name) => Number(name.slice(1)))
        .sort((a, b) => a - b),
      counter: Number(column("SELECT n FROM counter")[0] ?? 0),
    };
  } finally {
    db.close();
  }
}

function expectAgreement({ ledger, own, tables, counter }: AppliedState): void {
  const numbers = ledger.map((name) => Number.parseInt(name, 10));
  expect(numbers).toEqual(Array.from({ length: counter }, (_, i) => i + 1));
  expect(own).toEqual([...ledger]);
  expect(tables).toEqual(numbers);
}

async function expectCompletion(project: Project): Promise<void> {
  const report = reportOf(await d1ops(project, ["migrate", "apply", "--local", "--json"]));
  expect(report.exitCode).toBe(0);
  expectAgreement(appliedState(project));
  expect(appliedState(project).counter).toBe(COUNT);
  expect(reportOf(await d1ops(project, ["migrate", "verify", "--json"])).data).toMatchObject({
    differences: [],
  });
}

/**
 * Starts an apply and kills it after `more` migrations, or with 0 once the state file exists. Returns whether the signal ended
 * it.
 */
async function killAfter(project: Project, more: number): Promise<boolean> {
  const before = appliedOf(project);
  const child = start(project, ["migrate", "apply", "--local"]);
  const ended = once(child, "exit");
  await until(
    () =>
      child.exitCode !== null ||
      (more === 0 ? existsSync(project.file) : appliedOf(project) >= before + more),
  );
  child.kill("SIGKILL");
  const [, signal] = await ended;
  return signal === "SIGKILL";
}

/** Kills an apply `kills` times, each time a little later, and checks the database after each kill. */
export function killApplies(kills: number, timeout: number): void {
  test(
    `the ledger and the schema agree after each of ${kills} kills, and the next apply completes`,
    { timeout },
    async () => {
      let project = makeProject(FOLDER);
      const seen = new Set<number>();
      for (let landed = 0; landed < kills;) {
        landed += (await killAfter(project, (landed * 5) % 9)) ? 1 : 0;
        const now = appliedState(project);
        expectAgreement(now);
        seen.add(now.counter);
        if (now.counter > COUNT - 60) {
          await expectCompletion(project);
          project = makeProject(FOLDER);
        }
      }
      // Kills at the same place only would check too little.
      expect(seen.size).toBeGreaterThan(kills / 4);
      await expectCompletion(project);
    },
  );
}
