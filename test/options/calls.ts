import * as library from "../../src/index.ts";

export type Options = Record<string, unknown>;
type Verb = (options: Options) => unknown;

const {
  migrateNew,
  openLocal: openFile,
  renderReport: render,
  defineBackfill: _define,
  OpsError,
  ...verbs
} = library;

/** The functions as exported. */
export const FUNCTIONS = { ...verbs, migrateNew, openLocal: openFile, renderReport: render };

export const TARGET = { place: "local", database: "shop-db", id: "shop", env: null } as const;

/** Every exported function, called with a single object. */
const CALLS: Readonly<Record<string, Verb>> = {
  ...(verbs as unknown as Record<string, Verb>),
  migrateNew: ({ title = "add_a_table", ...options }: Options) =>
    migrateNew(title as string, options),
  openLocal: ({ path = "shop.sqlite", target = TARGET, ...options }: Options) =>
    openFile(path as string, target as typeof TARGET, { mode: "read", ...options }),
  renderReport: ({ format = "text", report = REPORT, ...options }: Options) =>
    render(format as "text", report as library.Report, options),
};

/** The options that each call requires. */
const NEEDED: Readonly<Record<string, Options>> = {
  backfillNew: { name: "fill" },
  backfillRun: { name: "0001_fill" },
  backfillCancel: { name: "0001_fill" },
  snapshotCopy: { to: "second" },
  snapshotRestore: { id: "latest" },
  snapshotShow: { id: "latest" },
  clone: { from: "local", to: "file:copy.sqlite" },
  onboardRun: { file: "tenants.jsonl" },
  onboardStart: { tenant: "acme", user: "ada" },
  onboardBusiness: { session: "onb_1", company: "Acme", industry: "retail" },
  onboardAgents: { session: "onb_1" },
  onboardAssistant: { session: "onb_1", name: "Nia" },
  onboardKnowledge: { session: "onb_1", documents: [] },
  onboardComplete: { session: "onb_1" },
  onboardStatus: { session: "onb_1" },
};

export const REPORT: library.Report = {
  format: 1,
  command: "migrate status",
  tool: "d1ops 0.1.0",
  target: TARGET,
  startedAt: "2026-11-22T15:00:00.000Z",
  durationMs: 1,
  outcome: "ok",
  exitCode: 0,
  summary: "1 applied, nothing pending",
  steps: [{ name: "0001.sql", status: "done", durationMs: 1, rowsRead: null, rowsWritten: 0 }],
  findings: [{ rule: "drift", level: "info", message: "nothing" }],
  checks: [{ id: "schema.matches", outcome: "pass", measured: null, expected: null, evidence: {} }],
  data: { applied: ["0001.sql"] },
  next: [],
};

/** The error of a call, whether it is thrown or the promise rejects. */
export async function refusal(attempt: () => unknown): Promise<library.OpsError> {
  try {
    await attempt();
  } catch (error) {
    if (error instanceof OpsError) return error;
    throw error;
  }
  throw new Error("it was accepted");
}

export const names: readonly string[] = Object.keys(CALLS).sort();

/** The functions that read a project. */
export const inProject = names.filter(
  (name) => !/^(openLocal|openMemory|renderReport)$/.test(name),
);
export const writing = new Set([
  "migrateApply",
  "migrateLock",
  "migrateNew",
  "backfillNew",
  "backfillRun",
  "backfillCancel",
  "snapshotRestore",
  "clone",
  ...names.filter((name) => name.startsWith("onboard") && name !== "onboardStatus"),
]);

export function call(name: string, options: Options): unknown {
  const verb = CALLS[name];
  if (verb === undefined) throw new Error(name);
  return verb({ ...NEEDED[name], ...options });
}
