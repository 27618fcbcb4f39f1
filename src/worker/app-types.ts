/** @module The types of the Hono app: what the middleware and the handlers of a request share. */
import type { Hono } from "hono";
import type { Handler, MiddlewareHandler } from "hono/types";
import type { Problem } from "./problem-details.ts";

export interface AppEnv {
  Variables: {
    requestId: string;
    /** The id of the route: `saveBusiness`. */
    operation: string;
    /** The credentials that the Worker accepted: `key:billing` or `token`. */
    by: string;
    failure: { readonly problem: Problem; readonly error: unknown };
  };
}

export type App = Hono<AppEnv>;
export type RouteHandler = Handler<AppEnv>;
export type Middleware = MiddlewareHandler<AppEnv>;
