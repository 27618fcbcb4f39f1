import { testEveryFault } from "./remote-fault-walk.ts";

// `remote-faults.long.test.ts` runs thirty: three in flight at once, then six.
testEveryFault(5);
