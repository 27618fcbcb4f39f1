import { killSnapshots } from "./kill-snapshots.ts";

killSnapshots(12, 1_800_000);
