/** `npm run tables`: generates the types of the tables. @module */
import { writeFileSync } from "node:fs";
import { renderTables, TABLES_FILE } from "./tables.ts";

writeFileSync(TABLES_FILE, await renderTables());
