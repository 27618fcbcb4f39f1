import { TROUBLES } from "../../cloudflare/ground.ts";
import { walkTrials } from "./trial-walk.ts";

walkTrials(TROUBLES);
