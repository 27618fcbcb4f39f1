import { after, all, batch, each, type Case } from "../case.ts";

/** Every PRAGMA of SQLite that the cases read, set and call as a function. */
const names = [
  `foreign_keys defer_foreign_keys ignore_check_constraints legacy_alter_table recursive_triggers`,
  `reverse_unordered_selects case_sensitive_like table_list table_info table_xinfo index_list index_info index_xinfo foreign_key_list`,
  `foreign_key_check quick_check optimize data_version page_size`,
  `user_version application_id schema_version integrity_check writable_schema page_count freelist_count journal_mode wal_checkpoint`,
  `synchronous busy_timeout cache_size cache_spill auto_vacuum encoding collation_list compile_options function_list module_list`,
  `pragma_list database_list query_only automatic_index trusted_schema locking_mode max_page_count mmap_size secure_delete temp_store`,
  `threads soft_heap_limit hard_heap_limit journal_size_limit incremental_vacuum shrink_memory cell_size_check checkpoint_fullfsync`,
  `fullfsync full_column_names short_column_names count_changes empty_result_callbacks read_uncommitted stats analysis_limit`,
  `wal_autocheckpoint parser_trace vdbe_trace`,
].flatMap((line) => line.split(" "));

const t = [
  "CREATE TABLE t(a INTEGER PRIMARY KEY, b TEXT REFERENCES u(k), UNIQUE(b))",
  "CREATE INDEX i ON t(b, a DESC)",
];

export const pragmas: Case[] = [
  ...names.map((name): Case => ({
    name: `PRAGMA ${name}, with and without an argument, and as a function`,
    steps: [
      // These three differ between files.
      ...(/^(?:page_count|freelist_count|data_version)$/.test(name) ? [] : [all(`PRAGMA ${name}`)]),
      all(`PRAGMA ${name.toUpperCase()}(1)`),
      all(`PRAGMA main.${name}=1`),
      all(`SELECT count(*) FROM pragma_${name}`),
      all(`SELECT count(*) FROM pragma_${name}(1)`),
    ],
  })),
  ...[
    "true",
    "FALSE",
    "yes",
    "no",
    "on",
    "off",
    "'on'",
    '"off"',
    "1",
    "0",
    "2",
    "maybe",
    "onward",
    "-1",
    "''",
  ].map((value): Case => ({
    name: `PRAGMA recursive_triggers = ${value}`,
    steps: [all(`PRAGMA recursive_triggers = ${value}`), all("PRAGMA recursive_triggers")],
  })),
  ...after(t, [
    "PRAGMA table_info(t)",
    "PRAGMA table_info = t",
    "PRAGMA table_info('t')",
    "PRAGMA table_info(nothing)",
    "PRAGMA table_info(_cf_METADATA)",
    "PRAGMA table_xinfo(t)",
    "PRAGMA index_list(t)",
    "PRAGMA index_info(i)",
    "PRAGMA index_xinfo(i)",
    "PRAGMA index_list(_cf_x)",
    "PRAGMA foreign_key_list(t)",
    "PRAGMA foreign_key_check",
    "PRAGMA foreign_key_check(t)",
    "PRAGMA foreign_key_check(nothing)",
    "PRAGMA foreign_key_check(_cf_x)",
    "PRAGMA quick_check",
    "PRAGMA quick_check(1)",
    "PRAGMA quick_check(t)",
    "PRAGMA quick_check(nothing)",
    "PRAGMA quick_check(_cf_x)",
    "PRAGMA optimize",
    "PRAGMA optimize(0x10002)",
    "PRAGMA optimize(-1)",
    "PRAGMA optimize(65538)",
    "PRAGMA optimize('x')",
    "PRAGMA optimize(99999999999)",
    "PRAGMA page_size = 1024",
    "PRAGMA table_list",
    "PRAGMA table_list(t)",
    "PRAGMA temp.table_list",
    "PRAGMA main.table_info(t)",
    "PRAGMA temp.table_info(t)",
    "PRAGMA other.table_info(t)",
    "SELECT name FROM pragma_table_list WHERE schema='main' ORDER BY name",
    "SELECT name, type FROM pragma_table_info('t')",
    "SELECT * FROM pragma_index_list('t')",
    "SELECT * FROM pragma_foreign_key_list('t')",
    "EXPLAIN PRAGMA user_version",
  ]),
  ...each("PRAGMA", "PRAGMA foreign_keys=", "PRAGMA foreign_keys=OFF; PRAGMA foreign_keys"),
  {
    name: "pragmas stay set on the connection, also when their batch fails",
    steps: [
      batch("PRAGMA ignore_check_constraints=1", "PRAGMA case_sensitive_like=1", "SELEC"),
      all("PRAGMA ignore_check_constraints"),
      all("SELECT 'A' LIKE 'a'"),
      batch("PRAGMA ignore_check_constraints=0", "PRAGMA case_sensitive_like=0"),
      all("SELECT 'A' LIKE 'a'"),
    ],
  },
  {
    name: "defer_foreign_keys ends with its transaction",
    steps: [
      batch("PRAGMA defer_foreign_keys=1", "PRAGMA defer_foreign_keys"),
      all("PRAGMA defer_foreign_keys"),
    ],
  },
  {
    name: "ignore_check_constraints lets a row in",
    steps: [
      all("CREATE TABLE c(a CHECK(a > 0))"),
      all("INSERT INTO c VALUES(-1)"),
      batch(
        "PRAGMA ignore_check_constraints=ON",
        "INSERT INTO c VALUES(-1)",
        "PRAGMA ignore_check_constraints=OFF",
      ),
      all("PRAGMA quick_check"),
    ],
  },
  {
    name: "legacy_alter_table leaves a view as it was",
    steps: [
      batch(...t),
      all("CREATE VIEW v AS SELECT a FROM t"),
      batch(
        "PRAGMA legacy_alter_table=ON",
        "ALTER TABLE t RENAME TO w",
        "PRAGMA legacy_alter_table=OFF",
      ),
      all("SELECT * FROM v"),
    ],
  },
  {
    name: "recursive_triggers",
    steps: [
      all("CREATE TABLE n(a)"),
      all(
        "CREATE TRIGGER g AFTER INSERT ON n WHEN new.a < 5 BEGIN INSERT INTO n VALUES(new.a+1); END",
      ),
      all("INSERT INTO n VALUES(1)"),
      batch(
        "PRAGMA recursive_triggers=ON",
        "INSERT INTO n VALUES(1)",
        "PRAGMA recursive_triggers=OFF",
      ),
    ],
  },
];
