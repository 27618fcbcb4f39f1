/**
 * The proxy of the environment, as wrangler uses it: `HTTPS_PROXY`, `HTTP_PROXY`, `NO_PROXY`, in either case of letters.
 * @module
 */
import type { Variables } from "./credentials.ts";

const NAMES = ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"] as const;

/** For the whole process, as node has it; it does nothing where no proxy is named, or node is too old to (before 24.14). */
export function useProxy(variables: Variables): void {
  if (!NAMES.some((name) => (variables[name] ?? "") !== "")) return;
  // Imported at the top, it would cost every command 20 ms.
  const http = process.getBuiltinModule("node:http");
  if (!("setGlobalProxyFromEnv" in http)) return;
  const set: unknown = http.setGlobalProxyFromEnv;
  if (typeof set === "function") set(variables);
}
