/** @module The part of zod that checks options. The build bundles it into this file: the whole package takes 90 ms to load, this part 3 ms. */
export {
  array,
  boolean,
  check,
  custom,
  gte,
  int,
  literal,
  looseObject,
  lte,
  minLength,
  nullable,
  number,
  optional,
  refine,
  safeParse,
  strictObject,
  string,
} from "zod/mini";
export type { ZodMiniType } from "zod/mini";
