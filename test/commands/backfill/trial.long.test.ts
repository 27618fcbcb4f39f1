import { TROUBLES } from "../../cloudflare/remote-fixture.ts";
import { walkTrials } from "./trial-walk.ts";

walkTrials(TROUBLES);
