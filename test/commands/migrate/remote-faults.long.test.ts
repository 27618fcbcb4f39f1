import { testEveryFault } from "./remote-fault-walk.ts";

testEveryFault(30);
