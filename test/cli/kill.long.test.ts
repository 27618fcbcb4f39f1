import { killApplies } from "./kill-apply.ts";

killApplies(300, 1_800_000);
