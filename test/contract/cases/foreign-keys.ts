import { all, batch, raw, type Case, type Step } from "../case.ts";

const family = (action: string): Step[] => [
  batch(
    "CREATE TABLE p(id INTEGER PRIMARY KEY, n)",
    `CREATE TABLE c(id INTEGER PRIMARY KEY, p DEFAULT 1 REFERENCES p(id) ${action})`,
    "INSERT INTO p VALUES(1,'a'),(2,'b'),(3,'c')",
    "INSERT INTO c VALUES(10,1),(20,2),(21,2)",
  ),
];

const ACTIONS = [
  "",
  "ON DELETE CASCADE",
  "ON DELETE SET NULL",
  "ON DELETE SET DEFAULT",
  "ON DELETE RESTRICT",
  "ON DELETE CASCADE ON UPDATE CASCADE",
  "ON UPDATE RESTRICT DEFERRABLE INITIALLY DEFERRED",
];

export const foreignKeys: Case[] = [
  ...ACTIONS.flatMap((action): Case[] => [
    {
      name: `delete a parent ${action}`,
      steps: [...family(action), all("DELETE FROM p WHERE id=2")],
    },
    {
      name: `move a parent's key ${action}`,
      steps: [...family(action), all("UPDATE p SET id=9 WHERE id=2")],
    },
    { name: `drop the parent ${action}`, steps: [...family(action), all("DROP TABLE p")] },
    {
      name: `rebuild the parent ${action}`,
      steps: [
        ...family(action),
        batch(
          "PRAGMA foreign_keys=OFF",
          "CREATE TABLE p_new(id INTEGER PRIMARY KEY, n NOT NULL)",
          "INSERT INTO p_new SELECT * FROM p",
          "DROP TABLE p",
          "ALTER TABLE p_new RENAME TO p",
          "PRAGMA foreign_keys=ON",
        ),
      ],
    },
    {
      name: `rebuild the parent, deferred and then not ${action}`,
      steps: [
        ...family(action),
        batch(
          "PRAGMA defer_foreign_keys=ON",
          "CREATE TABLE p_new(id INTEGER PRIMARY KEY, n NOT NULL)",
          "INSERT INTO p_new SELECT * FROM p",
          "DROP TABLE p",
          "ALTER TABLE p_new RENAME TO p",
          "PRAGMA defer_foreign_keys=OFF",
        ),
      ],
    },
  ]),
  {
    name: "an orphan is rejected, at once or at the end if its key is deferred",
    steps: [
      ...family(""),
      all("INSERT INTO c VALUES(30,99)"),
      batch("INSERT INTO c VALUES(30,99)", "INSERT INTO p VALUES(99,'late')"),
      batch(
        "PRAGMA defer_foreign_keys=ON",
        "INSERT INTO c VALUES(30,99)",
        "INSERT INTO p VALUES(99,'late')",
      ),
      all("INSERT INTO c VALUES(31,NULL)"),
      all("PRAGMA foreign_keys"),
    ],
  },
  {
    name: "a violation at the end of a deferred batch rolls it back",
    steps: [
      ...family(""),
      batch("PRAGMA defer_foreign_keys=ON", "INSERT INTO c VALUES(30,99)"),
      raw("SELECT count(*) AS n FROM c"),
    ],
  },
  {
    name: "a violation at the end of one statement with a deferred key rolls it back",
    steps: [
      ...family("DEFERRABLE INITIALLY DEFERRED"),
      all("INSERT INTO c VALUES(30,99)"),
      raw("SELECT count(*) AS n FROM c"),
    ],
  },
  {
    name: "defer ON, orphan, defer OFF lets the orphan in",
    steps: [
      ...family(""),
      batch(
        "PRAGMA defer_foreign_keys=ON",
        "INSERT INTO c VALUES(30,99)",
        "PRAGMA defer_foreign_keys=OFF",
      ),
      all("PRAGMA foreign_key_check"),
    ],
  },
  {
    name: "the error of a failed CHECK names the constraint",
    steps: [
      ...family(""),
      batch(
        "PRAGMA defer_foreign_keys=ON",
        "INSERT INTO c VALUES(30,99)",
        "CREATE TABLE _assert(x CONSTRAINT no_fk_violations CHECK(x=0))",
        "INSERT INTO _assert SELECT count(*) FROM pragma_foreign_key_check",
        "DROP TABLE _assert",
      ),
    ],
  },
  {
    name: "cascades go ten deep",
    steps: [
      all("CREATE TABLE n(id INTEGER PRIMARY KEY, up REFERENCES n(id) ON DELETE CASCADE)"),
      all(
        "WITH RECURSIVE i(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM i WHERE x<10) INSERT INTO n SELECT x, nullif(x-1,0) FROM i",
      ),
      all("DELETE FROM n WHERE id=1"),
      all(
        "WITH RECURSIVE i(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM i WHERE x<12) INSERT INTO n SELECT x, nullif(x-1,0) FROM i",
      ),
      all("DELETE FROM n WHERE id=1"),
      all("DROP TABLE n"),
    ],
  },
  {
    name: "a foreign key to a missing table, or to a column that is not unique",
    steps: [
      all("CREATE TABLE a(x REFERENCES nothing(y))"),
      all("INSERT INTO a VALUES(1)"),
      all("INSERT INTO a VALUES(NULL)"),
      all("CREATE TABLE b(y)"),
      all("CREATE TABLE d(x REFERENCES b(y))"),
      all("INSERT INTO d VALUES(1)"),
      all("PRAGMA foreign_key_check"),
    ],
  },
];
