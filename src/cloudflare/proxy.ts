/** @module Uses the proxy of the environment as wrangler does: `HTTPS_PROXY`, `HTTP_PROXY`, `NO_PROXY`, in upper or lower case. */
import type { Variables } from "../config/variables.ts";

const NAMES = ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"] as const;

/** Sets the proxy for the whole process. Does nothing without a proxy variable, or on node before 24.14. */
export function useProxy(variables: Variables): void {
  if (!NAMES.some((name) => (variables[name] ?? "") !== "")) return;
  // An import at the top would cost every command 20 ms.
  const http = process.getBuiltinModule("node:http");
  if (!("setGlobalProxyFromEnv" in http)) return;
  const set: unknown = http.setGlobalProxyFromEnv;
  if (typeof set === "function") set(variables);
}
