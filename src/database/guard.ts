/**
 * Stands between SQLite and a statement: refuses what D1 refuses, and remembers what the statement does.
 * @module
 */
import { constants as C, type DatabaseSync } from "node:sqlite";
import { judge, onlyReads } from "./rules.ts";

/** One guard a connection. It looks at what a caller has written, never at our own statements. */
export class Guard {
  #off = true;
  /** D1's own words for the latest refusal, where SQLite would say something else. */
  says: string | null = null;
  /** The statement being prepared can change the database. */
  writes = false;
  /** The statement being prepared is an ALTER TABLE. */
  alters = false;

  constructor(db: DatabaseSync) {
    db.setAuthorizer((code, first, second, database) => {
      if (this.#off) return C.SQLITE_OK;
      const action = { code, first, second, database };
      if (!this.writes) this.writes = !onlyReads(action);
      if (code === C.SQLITE_ALTER_TABLE) this.alters = true;
      const verdict = judge(action);
      if (verdict === "allow") return C.SQLITE_OK;
      if (verdict !== "deny") this.says = verdict.says;
      return C.SQLITE_DENY;
    });
  }

  /** Runs `work` with the guard on its feet. */
  watch<T>(work: () => T): T {
    this.#off = false;
    try {
      return work();
    } finally {
      this.#off = true;
    }
  }

  /** Forgets what it remembers: a new statement comes. */
  forget(): void {
    this.says = null;
    this.writes = false;
    this.alters = false;
  }
}
