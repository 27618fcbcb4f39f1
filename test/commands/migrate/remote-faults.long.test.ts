import { walkTheFaults } from "./remote-fault-walk.ts";

walkTheFaults(30);
