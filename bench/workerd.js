// A Worker in workerd, without `wrangler dev` and its proxy: the load reaches the Worker's own socket, and D1 is in the same process.
// It prints the address and the id of workerd's process, and runs until it is killed.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

// The one that wrangler uses, which is not a dependency of this package.
const ofWrangler = createRequire(import.meta.resolve("wrangler"));
const { convertV4MiniflareOptions, Miniflare } = ofWrangler("miniflare");

const { bindings, database, persist } = JSON.parse(readFileSync(process.argv[2], "utf8"));
const miniflare = new Miniflare(
  convertV4MiniflareOptions({
    modules: true,
    scriptPath: "worker.js",
    compatibilityDate: "2026-10-01",
    bindings,
    d1Databases: { DB: database },
    resourcePersistencePath: persist,
    unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }],
    cf: false,
    handleRuntimeStdio(stdout, stderr) {
      stdout.resume();
      stderr.resume();
    },
  }),
);
const { href } = await miniflare.unsafeGetDirectURL();
const [pid] = readFileSync(`/proc/self/task/${process.pid}/children`, "utf8").split(" ");
process.stdout.write(`${JSON.stringify({ url: href, pid: Number(pid) })}\n`);
