// Preloaded into a process that is measured; plain JavaScript, because stripping types takes memory too.
// `VmHWM` belongs to this program alone. `ru_maxrss` may still hold the size of the process that started it.
import { readFileSync, writeFileSync } from "node:fs";

process.on("exit", () => {
  writeFileSync(process.env.D1OPS_BENCH_PEAK, String(1024 * peakKilobytes()));
});

function peakKilobytes() {
  try {
    const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8"));
    return Number(kilobytes);
  } catch {
    return process.resourceUsage().maxRSS;
  }
}
