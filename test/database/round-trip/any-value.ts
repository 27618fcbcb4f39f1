import type { Tape } from "../../schema/tape.ts";

/** Literals and expressions of values that some format or program is known to change. */
const INTEGERS = [
  "0",
  "1",
  "-1",
  "9007199254740991",
  "9007199254740993",
  "-9007199254740993",
  "9223372036854775807",
  "-9223372036854775808",
  "4294967296",
];
const REALS = [
  "1.0",
  "-0.0",
  "0.0",
  "1e999",
  "-1e999",
  "5e-324",
  "-5e-324",
  "2.2250738585072011e-308",
  "1.7976931348623157e308",
  "0.1",
  "9007199254740993.0",
  "9223372036854775808.0",
  "-9223372036854775808.0",
  "1e15",
  "123456789012345678.0",
];
const TEXTS = [
  "''",
  "'a'",
  "'A'",
  "'17'",
  "' 17 '",
  "'1e5'",
  "'1.0'",
  "'0x10'",
  "'9223372036854775808'",
  "'-0.0'",
  "'Infinity'",
  "'NULL'",
  "'it''s'",
  `'say "hi"'`,
  String.raw`'back\slash, \n and \0'`,
  "'two\nlines\r\nand\ta tab'",
  "char(0)",
  "'a'||char(0)||'b'",
  "char(0)||'''x'",
  "CAST(x'ff' AS TEXT)",
  "CAST(x'61ff00' AS TEXT)",
  "CAST(x'c3' AS TEXT)",
  "CAST(x'eda080' AS TEXT)",
  "CAST(x'efbfbd' AS TEXT)",
  "CAST(x'efbbbf61' AS TEXT)",
  "'😀 ünï'",
  "'),(1'",
  "'a,b);'",
  "'-- no comment'",
  "'?1 :a @b $c'",
  "replace(hex(zeroblob(40)),'0','long ')",
];
const BLOBS = ["x''", "x'00'", "x'ff'", "x'61'", "x'2700'", "zeroblob(1000)", "x'efbfbd'"];

/** An expression for one value. NULL is the simplest. */
export function anyValue(tape: Tape): string {
  switch (tape.next() % 12) {
    case 0:
      return "NULL";
    case 1:
    case 2:
      return tape.of(INTEGERS);
    case 3:
      return tape.of(REALS);
    case 4:
      return anyReal(tape);
    case 5:
    case 6:
    case 7:
      return tape.of(TEXTS);
    case 8:
      return tape.of(BLOBS);
    case 9:
      return anyBytes(tape);
    case 10:
      return `CAST(${anyBytes(tape)} AS TEXT)`;
    default:
      return String(tape.next());
  }
}

/** A REAL of random bits. */
function anyReal(tape: Tape): string {
  const bits = new DataView(new ArrayBuffer(8));
  for (const at of [0, 2, 4, 6]) bits.setUint16(at, tape.next());
  const real = bits.getFloat64(0);
  return Number.isFinite(real) ? real.toExponential(20) : "NULL";
}

function anyBytes(tape: Tape): string {
  const length = tape.next() % 9;
  const bytes = Array.from({ length }, () => tape.next() % 256);
  return `x'${Buffer.from(bytes).toString("hex")}'`;
}

/** A blob of up to 100 kB that no table of constants contains. */
export function largeBlob(tape: Tape): string {
  const bytes = 1000 + (tape.next() % 99_000);
  return `CAST(replace(hex(zeroblob(${Math.ceil(bytes / 8)})),'00',x'00ff27c3') AS BLOB)`;
}

/** Expressions of `i`, the number of a row: values that differ in each row, or in some. */
const SERIES = [
  "i",
  "'key-'||i",
  "NULL",
  "i*4294967299-9000000000000000000",
  "'k'||(i%17)",
  "i*0.1",
  "CASE i%5 WHEN 0 THEN i WHEN 1 THEN i*0.5 WHEN 2 THEN 'a'||i WHEN 3 THEN CAST('b'||i AS BLOB) ELSE CAST(x'00' AS TEXT)||i END",
  "CAST(x'fe'||CAST(i AS BLOB) AS TEXT)",
  "CAST(x'c3'||CAST(i%40 AS BLOB) AS TEXT)",
  "CAST('ab'||i AS BLOB)",
  "upper('key-'||i)||char(0)||i",
  "CASE WHEN i%50=0 THEN zeroblob(i) ELSE -i END",
];

export function anySeries(tape: Tape): string {
  return tape.of(SERIES);
}
