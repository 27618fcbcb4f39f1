import { fileURLToPath } from "node:url";
import { createTestHarness } from "wrangler";
import { groups } from "./cases/index.ts";
import type { Outcome } from "./outcome.ts";

/** Runs the cases on workerd. */
export interface Oracle {
  /** Returns the outcomes of one group, in the order of its cases. */
  ask(about: string): Promise<Outcome[]>;
  close(): Promise<void>;
}

/**
 * Runs the cases inside a Worker, as `wrangler dev` does. A statement takes a fraction of a millisecond there, but ten
 * through a binding in node. Every case that writes has its own database, in a file below `folder`.
 */
export async function startWorkerd(folder: string): Promise<Oracle> {
  process.env["CLOUDFLARE_CF_FETCH_ENABLED"] = "false"; // Prevents a network request.
  const firstOf = new Map<string, number>();
  let databases = 0;
  for (const [about, cases] of Object.entries(groups)) {
    firstOf.set(about, databases);
    databases += 1 + cases.filter(({ reads }) => reads !== true).length;
  }
  const harness = createTestHarness({
    workers: [
      {
        config: {
          name: "contract",
          main: fileURLToPath(new URL("worker.ts", import.meta.url)),
          compatibility_date: "2026-10-01",
          d1_databases: Array.from({ length: databases }, (_, i) => ({
            binding: `DB${i}`,
            database_name: `db${i}`,
            database_id: `id${i}`,
          })),
        },
      },
    ],
  });
  await inTemporaryFolder(folder, async () => harness.listen());
  return {
    async ask(about) {
      const asked = new URLSearchParams({ about, first: String(firstOf.get(about)) });
      const response = await harness.getWorker().fetch(`http://contract/?${asked.toString()}`);
      if (!response.ok) throw new Error(await response.text());
      const outcomes: Outcome[] = JSON.parse(await response.text());
      return outcomes;
    },
    close: () => harness.close(),
  };
}

/** wrangler creates its files in the folder that TMPDIR names when it starts. */
async function inTemporaryFolder(folder: string, start: () => Promise<unknown>): Promise<void> {
  const before = process.env["TMPDIR"];
  process.env["TMPDIR"] = folder;
  try {
    await start();
  } finally {
    if (before === undefined) delete process.env["TMPDIR"];
    else process.env["TMPDIR"] = before;
  }
}
