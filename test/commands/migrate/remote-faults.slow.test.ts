import { walkTheFaults } from "./remote-fault-walk.ts";

// `remote-faults.long.test.ts` runs thirty: three in flight at once, then six.
walkTheFaults(5);
