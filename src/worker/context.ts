/**
 * What is known of a request while it is answered.
 * @module
 */
import type { Hono } from "hono";
import type { Handler, MiddlewareHandler } from "hono/types";
import type { Problem } from "./problem.ts";

export interface Known {
  Variables: {
    requestId: string;
    /** Of the route: `saveBusiness`. */
    operation: string;
    /** `key:billing`, `token`: by what the caller was let in. */
    by: string;
    failure: { readonly problem: Problem; readonly error: unknown };
  };
}

export type App = Hono<Known>;
export type Answerer = Handler<Known>;
export type Step = MiddlewareHandler<Known>;
