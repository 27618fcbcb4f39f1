// A load generator, in a process of its own. It sends chains of requests; each connection sends one chain after the other. `:session` in
// a path is the session that the first response of the chain returned. It prints the total time and the latencies in milliseconds.
import { readFileSync } from "node:fs";
import autocannon from "autocannon";

const { url, connections, chains } = JSON.parse(readFileSync(process.argv[2], "utf8"));
const { length } = chains[0];
if (chains.length % connections !== 0) throw new Error("a connection would end within a chain");

let taken = 0;
const latencies = [];
const answers = new Map();
const requests = Array.from({ length }, (_, place) => ({
  setupRequest(request, context) {
    // autocannon prepares one request more than it sends.
    context.chain ??= chains[taken++] ?? chains[0];
    const { method, path, headers = {}, body } = context.chain[place];
    return { ...request, method, path: path.replace(":session", context.session), headers, body };
  },
  onResponse(status, text, context) {
    answers.set(status, text);
    if (length > 1 && place === 0) context.session = JSON.parse(text).session_id;
  },
}));

const amount = chains.length * length;
const load = autocannon({ url, connections, amount, requests, timeout: 60 });
const started = performance.now();
let ended = started;
load.on("response", (_client, _status, _bytes, ms) => {
  latencies.push(ms);
  ended = performance.now();
});
const { errors } = await load;
const refused = [...answers].find(([status]) => status >= 300);
if (refused !== undefined) throw new Error(`${refused[0]}: ${refused[1]}`);
if (errors > 0 || latencies.length !== amount)
  throw new Error(`${errors} errors, ${latencies.length} answers to ${amount} requests`);
latencies.sort((a, b) => a - b);
const at = (part) => latencies[Math.ceil(part * amount) - 1];
process.stdout.write(JSON.stringify({ ms: ended - started, p50: at(0.5), p99: at(0.99) }));
