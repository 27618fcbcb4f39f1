/** `npm run tables`: writes the types anew. @module */
import { writeFileSync } from "node:fs";
import { renderTables, TABLES_FILE } from "./tables.ts";

writeFileSync(TABLES_FILE, await renderTables());
