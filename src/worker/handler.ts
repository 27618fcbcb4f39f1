/**
 * A request on its way to a step: who asks, how often, with what; and the step's answer on its way back.
 * @module
 */
import type { Onboarding } from "../onboarding/onboarding.ts";
import { readJson } from "./body.ts";
import type { Answerer } from "./context.ts";
import type { RateLimit } from "./environment.ts";
import { callerOf } from "./identity/claims.ts";
import type { Identify } from "./identity/identity.ts";
import { spend } from "./limits.ts";
import type { Route } from "./routes.ts";

export interface Doors {
  readonly onboarding: Onboarding;
  readonly identify: Identify;
  readonly limit: RateLimit | null;
}

/** The body comes last: nothing of it is read of somebody who may not ask. */
export function handlerOf(route: Route, { onboarding, identify, limit }: Doors): Answerer {
  if (route.access === "public") {
    return (context) => {
      context.set("operation", route.id);
      const { status, body } = route.answer(onboarding);
      return context.json(body, status);
    };
  }
  const { id, input, answer } = route;
  return async (context) => {
    context.set("operation", id);
    const { headers } = context.req.raw;
    const identity = await identify(headers);
    context.set("by", identity.kind === "key" ? `key:${identity.id}` : "token");
    const caller = callerOf(identity, headers);
    await spend(limit, caller.tenant);
    const { status, body } = await answer(onboarding, {
      caller,
      session: context.req.param("id") ?? "",
      key: headers.get("idempotency-key") ?? undefined,
      body: input === null ? undefined : await readJson(context.req.raw, input.most),
    });
    return context.json(body, status);
  };
}
