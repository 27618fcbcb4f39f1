import { TROUBLES } from "../../cloudflare/remote-fixture.ts";
import { walkTrials } from "./trial-walk.ts";

/** One of each way to fail; `backfill-trial.long.test.ts` has them all. */
walkTrials(
  TROUBLES.filter((trouble, i) => TROUBLES.findIndex(({ kind }) => kind === trouble.kind) === i),
);
