import type { D1Client } from "../../src/database/client.ts";
import { groups } from "./cases/index.ts";
import { outcome } from "./outcome.ts";

/** Runs the cases of one group inside workerd, on real bindings. */
export default {
  async fetch(request: Request, env: Record<string, D1Client>): Promise<Response> {
    const url = new URL(request.url);
    const about = url.searchParams.get("about") ?? "";
    let next = Number(url.searchParams.get("first"));
    const fresh = async (): Promise<D1Client> => {
      const d1 = env[`DB${next}`];
      if (d1 === undefined) throw new Error("too few databases");
      next += 1;
      // A session creates workerd's own table, which many databases have and which counts in the size of the empty database.
      await d1.withSession().prepare("SELECT 1").all();
      return d1;
    };
    const shared = await fresh();
    const outcomes = [];
    for (const one of groups[about] ?? []) {
      const d1 = one.reads === true ? shared : await fresh();
      outcomes.push(await outcome(d1, one));
    }
    return Response.json(outcomes);
  },
};
