import { TROUBLES } from "../../cloudflare/remote-fixture.ts";
import { testEveryFault } from "./trial-walk.ts";

testEveryFault(TROUBLES);
