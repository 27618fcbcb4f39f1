import { all, type Case } from "../case.ts";

const texts = {
  core: `abs(-1) typeof(changes()) char(65,66) coalesce(NULL,1) concat('a',1) concat_ws('-',1,2) format('%d',1) glob('a*','ab') hex('a')
    ifnull(NULL,1) iif(1,2,3) if(1,2,3) instr('ab','b') typeof(last_insert_rowid()) length('ab') like('a%','ab') likelihood(1,0.5) likely(1)
    lower('A') ltrim('a') max(1,2) min(1,2) nullif(1,1) octet_length('é') printf('%.2f',1.5) quote('a') length(randomblob(3))
    typeof(random()) replace('ab','a','c') round(1.5) rtrim('a') sign(-2) soundex('abc') substr('abc',2) substring('abc',2,1)
    typeof(total_changes()) trim('a') typeof(1) unhex('6162') unicode('a') unlikely(1) upper('a') zeroblob(2) unistr('a') unistr_quote('a')
    load_extension('x') sqlite_version() sqlite_source_id() sqlite_compileoption_used('X') sqlite_compileoption_get(1) sqlite_offset(1)
    sqlite_log(1,'x') fts5_source_id() fts3_tokenizer('x') rtreenode(1,x'') rtreedepth(x'') nothing_such(1) regexp('a','b') sha1('a')
    sha3('a') uuid() base64('x') edit('a') eval('select 1') readfile('/etc/passwd') writefile('x','y') ieee754(1) decimal(1)
    median(1) percentile(1,50) percentile_cont(1,0.5) percentile_disc(1,0.5) stddev(1) geopoly_area('[]') match('a','b') subtype(1)
    rebuild(1) optimize(1) matchinfo('x') offsets('x') rtreecheck('nothing') highlight(1,2,3,4) bm25(1) snippet(1) fts5(1)
    changes(1) abs() abs(1,2) lower(1,2,3) sqlite_rename_column(1) sqlite_drop_column(1) sqlite_fail('a')`,
  date: `date('2020-01-01') time('12:00') datetime(0,'unixepoch') julianday('2000-01-01') unixepoch('2000-01-01') strftime('%Y','2020-01-01')
    timediff('2020-01-02','2020-01-01') typeof(current_date) typeof(current_time) typeof(current_timestamp)
    strftime('%f','2020-01-01') localtime() date('nonsense')`,
  aggregate: `avg(1) count(*) count(1) group_concat('a') group_concat('a','-') max(1) min(1) string_agg('a','-') sum(1) total(1) sum(DISTINCT/**/1)
    sum(9223372036854775807)`,
  math: `acos(1) acosh(1) asin(1) asinh(1) atan(1) atan2(1,2) atanh(0.5) ceil(1.5) ceiling(1.5) cos(0) cosh(0) degrees(1) exp(0) floor(1.5)
    ln(1) log(10) log(2,8) log2(8) log10(100) mod(5,3) pi() pow(2,3) power(2,3) radians(1) sin(0) sinh(0) sqrt(4) tan(0) tanh(0) trunc(1.5)
    1/0 1%0 5/2 -5/2 5.0/2 1<<70 ~5 1||2 'a'<'b' 1e308*10 -1e308*10 0.0/0.0 9223372036854775807+1`,
  json: `json('[1]') json('{bad') json('{a:1}') hex(jsonb('[1]')) json_array(1,'a',NULL) json_array_length('[1,2]') json_extract('{"a":1}','$.a')
    json_extract('{"a":1}','bad') '{"a":2}'->'$.a' '{"a":2}'->>'a' json_insert('{}','$.a',1) json_object('a',1) json_object('a')
    json_patch('{}','{"a":1}') json_remove('[1,2]','$[0]') json_replace('[1]','$[0]',2) json_set('{}','$.a',1) json_type('[1]')
    json_valid('[') json_valid('[]',6) json_quote('a"b') json_pretty('[1]') json_error_position('[') json_group_array(1)
    json_group_object('a',1) hex(jsonb_array(1)) hex(jsonb_extract('[1]','$[0]')) hex(jsonb_insert('[]','$[0]',1)) hex(jsonb_object('a',1))
    hex(jsonb_patch('{}','{}')) hex(jsonb_remove('[1]','$[0]')) hex(jsonb_replace('[1]','$[0]',2)) hex(jsonb_set('{}','$.a',1))
    hex(jsonb_group_array(1)) hex(jsonb_group_object('a',1)) jsonb('[1]') json_array_insert('[1]','$[0]',2) jsonb_array_insert('[1]','$[0]',2)`,
  window: `row_number()OVER() rank()OVER() dense_rank()OVER() percent_rank()OVER() cume_dist()OVER() ntile(2)OVER() lag(1)OVER()
    lead(1)OVER() first_value(1)OVER() last_value(1)OVER() nth_value(1,1)OVER() row_number() median(1)OVER() lower('a')OVER()`,
} as const;

/** Functions of node's SQLite that no case above calls. */
const more = `current_date current_time current_timestamp fts5_get_locale fts5_insttoken fts5_locale geopoly_bbox geopoly_blob
  geopoly_ccw geopoly_contains_point geopoly_debug geopoly_group_bbox geopoly_json geopoly_overlap geopoly_regular
  geopoly_svg geopoly_within geopoly_xform`;

const calls = (text: string): string[] => text.trim().split(/\s+/);

/** The names of all functions of node's and of workerd's SQLite. */
export const functionNames: readonly string[] = [
  ...new Set(
    [
      ...Object.values(texts)
        .join(" ")
        .matchAll(/([a-z_]\w*)\(/g),
    ].map(([, name = ""]) => name),
  ),
  ...calls(more),
];

export const functions: Case[] = [
  ...Object.entries(texts).flatMap(([group, text]) =>
    calls(text).map((call) => ({
      name: `${group}: ${call}`,
      reads: true as const,
      steps: [all(`SELECT ${call} AS x`)],
    })),
  ),
  ...functionNames.map((name) => ({
    name: `${name} with zero to six arguments`,
    reads: true as const,
    steps: Array.from({ length: 7 }, (_, n) =>
      all(`SELECT typeof(${name}(${Array.from({ length: n }, () => "1").join(",")})) AS x`),
    ),
  })),
];
