import { expect, test } from "vitest";
import * as kinds from "../../src/options/kinds.ts";
import { optional, type Shape } from "../../src/options/kinds.ts";

interface Options {
  readonly place: "local" | "remote";
  readonly rows?: number;
}

test("the compiler rejects a check that is missing, superfluous or of another type", () => {
  const place = kinds.oneOf(["local", "remote"]);
  const rows = optional(kinds.wholeNumber(0, 9));
  const right: Shape<Options> = { place, rows };
  // @ts-expect-error: `rows` has no check.
  const missing: Shape<Options> = { place };
  // @ts-expect-error: there is no option `pages`.
  const extra: Shape<Options> = { place, rows, pages: rows };
  // @ts-expect-error: it would accept texts that are not a place.
  const wider: Shape<Options> = { place: kinds.text, rows };
  // @ts-expect-error: it would refuse a place that the type allows.
  const narrower: Shape<Options> = { place: kinds.oneOf(["local"]), rows };
  // @ts-expect-error: the type demands the option.
  const optionalPlace: Shape<Options> = { place: optional(place), rows };
  // @ts-expect-error: the type does not demand the option.
  const demanded: Shape<Options> = { place, rows: kinds.wholeNumber(0, 9) };
  for (const shape of [right, missing, extra, wider, narrower, optionalPlace, demanded]) {
    expect(shape).toBeTypeOf("object");
  }
});
