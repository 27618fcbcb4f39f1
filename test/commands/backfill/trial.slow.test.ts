import { TROUBLES } from "../../cloudflare/remote-fixture.ts";
import { testEveryFault } from "./trial-walk.ts";

/** One of each way to fail; `backfill-trial.long.test.ts` has them all. */
testEveryFault(
  TROUBLES.filter((trouble, i) => TROUBLES.findIndex(({ kind }) => kind === trouble.kind) === i),
);
