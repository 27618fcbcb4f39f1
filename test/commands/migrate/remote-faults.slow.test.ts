import { walkTheFaults } from "./remote-fault-walk.ts";

// `remote-faults.long.test.ts` has thirty: three under way at once, then six.
walkTheFaults(5);
