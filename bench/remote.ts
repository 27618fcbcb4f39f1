/** @module `migrate apply --remote` over a fake Cloudflare 50 ms away, next to the real wrangler on the same one. */
import type { Case, Measured, Runs } from "./cases.ts";
import { type Cloudflare, LATENCY_MS, startCloudflare } from "./cloudflare.ts";
import { compare } from "./compare.ts";
import { requireContents } from "./contents.ts";
import { bare, type Command, d1ops, type Name, withVariables, wrangler } from "./contestants.ts";
import { type Folder, schemaFolder } from "./folders.ts";
import { peakMemory, type Trial } from "./measure.ts";
import { makeProject } from "./project.ts";

export interface Remote {
  readonly latencyMs: number;
  readonly cases: readonly Measured[];
  readonly memory: readonly RemoteMemory[];
}

/** The peak memory of one d1ops process. */
export interface RemoteMemory {
  readonly migrations: number;
  /** Node's default size, or a small one that holds little garbage. */
  readonly heap: "default" | "small";
  readonly samplesBytes: readonly number[];
}

const SIZES = [1, 10, 100];
const QUICK = 100;
/** A run of 400 takes half a minute, so one sample is enough. */
const MEMORY = [
  { migrations: 1, heap: "default", runs: 3 },
  { migrations: 10, heap: "default", runs: 3 },
  { migrations: 100, heap: "default", runs: 3 },
  { migrations: 400, heap: "default", runs: 1 },
  { migrations: 1, heap: "small", runs: 3 },
  { migrations: 100, heap: "small", runs: 1 },
  { migrations: 400, heap: "small", runs: 1 },
] as const;
const HEAPS = {
  default: [],
  small: ["--max-semi-space-size=1", "--max-old-space-size=24"],
} as const;

export async function measureRemote(
  runs: (migrations: number) => Runs,
  quick: boolean,
  say: (text: string) => void,
): Promise<Remote> {
  const cloudflare = await startCloudflare();
  try {
    const cases: Measured[] = [];
    for (const size of SIZES) {
      cases.push(await compare(applyRemoteCase(cloudflare, size, runs(size)), size === 1, say));
    }
    const memory: RemoteMemory[] = [];
    for (const one of MEMORY) {
      if (quick && one.migrations > QUICK) continue;
      say(`memory of migrate apply --remote, ${one.migrations} migrations, ${one.heap} heap`);
      memory.push(await memoryOf(cloudflare, one));
    }
    return { latencyMs: LATENCY_MS, cases, memory };
  } finally {
    await cloudflare.close();
  }
}

async function memoryOf(
  cloudflare: Cloudflare,
  { migrations, heap, runs }: (typeof MEMORY)[number],
): Promise<RemoteMemory> {
  const folder = schemaFolder(migrations);
  const samplesBytes: number[] = [];
  while (samplesBytes.length < runs) {
    const { command, ...rest } = await trial(cloudflare, folder, "d1ops");
    const held = { ...command, args: [...HEAPS[heap], ...command.args] };
    samplesBytes.push(await peakMemory({ ...rest, command: held }));
  }
  return { migrations, heap, samplesBytes };
}

type Contestant = Extract<Name, "wrangler" | "d1ops" | "bare">;

const COMMANDS: Readonly<Record<Contestant, (databaseId: string) => Command>> = {
  wrangler: () => wrangler("d1", "migrations", "apply", "DB", "--remote"),
  d1ops: () => d1ops("migrate", "apply", "--remote", "--yes"),
  bare,
};
const CONTESTANTS = ["wrangler", "d1ops", "bare"] as const;

/** A new, empty database and a folder. */
function applyRemoteCase(cloudflare: Cloudflare, migrations: number, runs: Runs): Case {
  const folder = schemaFolder(migrations);
  return {
    command: "migrate apply --remote",
    migrations,
    entries: CONTESTANTS.map((name) => ({
      name,
      runs: runs[name],
      prepare: async () => trial(cloudflare, folder, name),
    })),
  };
}

async function trial(cloudflare: Cloudflare, folder: Folder, name: Contestant): Promise<Trial> {
  const database = await cloudflare.createDatabase();
  const project = makeProject(folder, database);
  return {
    command: withVariables(COMMANDS[name](database.id), cloudflare.variables),
    cwd: project.dir,
    requests: () => cloudflare.requests(),
    async check() {
      const ledger = name === "bare" ? "no ledger" : "with ledger";
      requireContents(await cloudflare.contents(database, folder, ledger), folder);
    },
    remove: () => project.remove(),
  };
}
