import type { D1Database } from "../../src/database/port.ts";
import { groups } from "./cases/index.ts";
import { outcome } from "./outcome.ts";

/** Runs the cases of one group inside workerd, on real bindings. */
export default {
  async fetch(request: Request, env: Record<string, D1Database>): Promise<Response> {
    const url = new URL(request.url);
    const about = url.searchParams.get("about") ?? "";
    let next = Number(url.searchParams.get("first"));
    const fresh = (): D1Database => {
      const d1 = env[`DB${next}`];
      if (d1 === undefined) throw new Error("too few databases");
      next += 1;
      return d1;
    };
    const shared = fresh();
    const outcomes = [];
    for (const one of groups[about] ?? []) {
      const d1 = one.reads === true ? shared : fresh();
      // The first statement creates workerd's own table, which would count in the size of the empty database.
      if (d1 !== shared) await d1.prepare("SELECT 1").all();
      outcomes.push(await outcome(d1, one));
    }
    return Response.json(outcomes);
  },
};
