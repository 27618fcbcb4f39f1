/**
 * What D1 allows, as workerd enforces it: limits, and an authorizer that SQLite calls for every object and
 * function that a statement uses. The rules were found by probing workerd, and `test/contract` compares them with it.
 * @module
 */
import { constants as C, type DatabaseLimits, type DatabaseSyncOptions } from "node:sqlite";
import { type Absent, isAbsentFunction, isAbsentTable } from "./absent-features.ts";

/** `sqlite3_limit()` as workerd sets it. The platform has stricter limits too: 2 MB per value, 32 arguments. */
export const LIMITS: Readonly<DatabaseLimits> = {
  length: 8_388_642,
  sqlLength: 100_000,
  column: 100,
  exprDepth: 100,
  compoundSelect: 5,
  vdbeOp: 25_000,
  functionArg: 127,
  attach: 0,
  likePatternLength: 50,
  variableNumber: 100,
  triggerDepth: 10,
};

/** How every connection that acts as D1 opens its file. */
export const D1_OPTIONS: Readonly<DatabaseSyncOptions> = {
  limits: LIMITS,
  defensive: true,
  enableForeignKeyConstraints: true,
  enableDoubleQuotedStringLiterals: true,
};

const TRANSACTION_REFUSED: string =
  "To execute a transaction, please use the state.storage.transaction() or " +
  "state.storage.transactionSync() APIs instead of the SQL BEGIN TRANSACTION or SAVEPOINT " +
  "statements. The JavaScript API is safer because it will automatically roll back on exceptions, " +
  "and because it interacts correctly with Durable Objects' automatic atomic write coalescing.";

/** What SQLite passes to the authorizer before it compiles a step: an action and up to two names. */
export interface Action {
  readonly code: number;
  readonly first: string | null;
  readonly second: string | null;
  readonly schema: string | null;
}

/** D1's decision. `says` is the complete message of the rejection; `absent` names a feature that D1's SQLite lacks. */
export type Verdict = "allow" | "deny" | { readonly says: string } | Absent;

export function judge(action: Action): Verdict {
  const { first, second } = action;
  if (action.schema === "temp") {
    const reads = action.code === C.SQLITE_READ || action.code === C.SQLITE_UPDATE;
    return reads && allowedName(first) ? "allow" : "deny";
  }
  switch (action.code) {
    case C.SQLITE_SELECT:
    case C.SQLITE_RECURSIVE:
    case C.SQLITE_ANALYZE:
      return "allow";
    case C.SQLITE_READ:
      if (isAbsentTable(first ?? "")) return { absent: "table", name: first ?? "" };
      return allowedName(first) ? "allow" : "deny";
    case C.SQLITE_UPDATE:
    case C.SQLITE_CREATE_TABLE:
    case C.SQLITE_DELETE:
    case C.SQLITE_DROP_TABLE:
    case C.SQLITE_INSERT:
    case C.SQLITE_CREATE_VIEW:
    case C.SQLITE_DROP_VIEW:
    case C.SQLITE_REINDEX:
      return allowedName(first) ? "allow" : "deny";
    case C.SQLITE_CREATE_INDEX:
    case C.SQLITE_DROP_INDEX:
    case C.SQLITE_CREATE_TRIGGER:
    case C.SQLITE_DROP_TRIGGER:
      return allowedName(first) && allowedName(second) ? "allow" : "deny";
    case C.SQLITE_ALTER_TABLE:
      return allowedName(second) ? "allow" : "deny";
    case C.SQLITE_CREATE_VTABLE:
    case C.SQLITE_DROP_VTABLE:
      return MODULES.has(second?.toLowerCase() ?? "") && allowedName(first) ? "allow" : "deny";
    case C.SQLITE_FUNCTION:
      return allowedFunction(second ?? "");
    case C.SQLITE_PRAGMA:
      return allowedPragma(first?.toLowerCase() ?? "", second) ? "allow" : "deny";
    case C.SQLITE_TRANSACTION:
    case C.SQLITE_SAVEPOINT:
      return { says: TRANSACTION_REFUSED };
    default:
      return "deny"; // ATTACH, DETACH, TEMP objects, and actions that SQLite adds later.
  }
}

/** True for actions that do not change the database. `PRAGMA optimize` may run ANALYZE. */
export function onlyReads(code: number, first: string | null): boolean {
  switch (code) {
    case C.SQLITE_SELECT:
    case C.SQLITE_READ:
    case C.SQLITE_FUNCTION:
    case C.SQLITE_RECURSIVE:
      return true;
    case C.SQLITE_PRAGMA:
      return first?.toLowerCase() !== "optimize";
    default:
      return false;
  }
}

/** Names that begin with `_cf_`, in any letter case, are reserved for Cloudflare. */
function allowedName(name: string | null): boolean {
  return name === null || !/^_cf_/i.test(name);
}

function allowedPragma(name: string, argument: string | null): boolean {
  return PRAGMAS.get(name)?.(argument) ?? false;
}

function isInt32(text: string): boolean {
  if (!/^-?(?:0x[\da-f]+|\d+)$/i.test(text)) return false;
  const value = text.startsWith("-") ? -Number(text.slice(1)) : Number(text);
  return value >= -(2 ** 31) && value < 2 ** 31;
}

function allowedFunction(name: string): Verdict {
  if (FUNCTIONS.has(name)) return "allow";
  return isAbsentFunction(name) ? { absent: "function", name } : "deny";
}

type Allows = (argument: string | null) => boolean;

const anything: Allows = () => true;
const nothing: Allows = (argument) => argument === null;
const aName: Allows = (argument) => argument !== null && allowedName(argument);
const aNameOrNothing: Allows = allowedName;
const aNumberOrNothing: Allows = (argument) => argument === null || isInt32(argument);
const onOrOff: Allows = (argument) =>
  argument === null || /^['"]?(?:true|false|yes|no|on|off|1|0)/i.test(argument);

const PRAGMAS: ReadonlyMap<string, Allows> = new Map([
  ["table_list", anything],
  ["table_info", aName],
  ["table_xinfo", aName],
  ["index_info", aName],
  ["index_xinfo", aName],
  ["index_list", aName],
  ["foreign_key_list", aName],
  ["foreign_key_check", aNameOrNothing],
  ["quick_check", aNameOrNothing],
  ["optimize", aNumberOrNothing],
  ["data_version", nothing],
  ["page_size", nothing],
  ["case_sensitive_like", onOrOff],
  ["foreign_keys", onOrOff],
  ["defer_foreign_keys", onOrOff],
  ["ignore_check_constraints", onOrOff],
  ["legacy_alter_table", onOrOff],
  ["recursive_triggers", onOrOff],
  ["reverse_unordered_selects", onOrOff],
]);

const MODULES: ReadonlySet<string> = new Set(["fts5", "fts5vocab", "rtree", "rtree_i32"]);

function words(text: string): string[] {
  return text.trim().split(/\s+/);
}

const FUNCTIONS: ReadonlySet<string> = new Set([
  ...words(`abs changes char coalesce concat concat_ws format glob hex ifnull iif instr
    last_insert_rowid length like likelihood likely load_extension lower ltrim max_scalar min_scalar
    nullif octet_length printf quote random randomblob replace round rtrim sign soundex substr
    substring total_changes trim typeof unhex unicode unlikely upper zeroblob`),
  ...words(`date time datetime julianday unixepoch strftime timediff current_date current_time
    current_timestamp`),
  ...words("avg count group_concat max min string_agg sum total"),
  ...words(`row_number rank dense_rank percent_rank cume_dist ntile lag lead first_value last_value
    nth_value`),
  ...words(`acos acosh asin asinh atan atan2 atanh ceil cos cosh degrees exp floor ln log log2 mod pi
    pow radians sin sinh sqrt tan tanh trunc`),
  ...words(`json jsonb json_array jsonb_array json_array_length json_extract jsonb_extract -> ->>
    json_insert jsonb_insert json_object jsonb_object json_patch jsonb_patch json_remove
    jsonb_remove json_replace jsonb_replace json_set jsonb_set json_type json_valid json_quote
    json_group_array jsonb_group_array json_group_object jsonb_group_object json_each json_tree`),
  ...words("match highlight bm25 snippet rtreecheck"),
  // ALTER TABLE calls these. SET NOT NULL and ADD CONSTRAINT call others, so D1 rejects them.
  ...words(`sqlite_rename_column sqlite_rename_table sqlite_rename_test sqlite_drop_column
    sqlite_rename_quotefix`),
]);
