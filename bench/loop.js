// The backfill that a user would write: pages with OFFSET, one statement per row, through wrangler's binding.
// It prints the time of the loop, without starting and stopping workerd.
import { getPlatformProxy } from "wrangler";

const PAGE = 500;
const rows = Number(process.argv[2]);
const { env, dispose } = await getPlatformProxy({ envFiles: [] });
const page = env.DB.prepare("SELECT id, n FROM members ORDER BY id LIMIT ? OFFSET ?");
const update = env.DB.prepare("UPDATE members SET n = ? WHERE id = ?");

const started = performance.now();
for (let offset = 0; offset < rows; offset += PAGE) {
  const { results } = await page.bind(Math.min(PAGE, rows - offset), offset).all();
  for (const { id, n } of results) await update.bind(n + 1, id).run();
}
const ms = performance.now() - started;

await dispose();
process.stdout.write(`\n${JSON.stringify({ ms })}\n`);
