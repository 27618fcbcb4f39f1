/**
 * The mark of an applied text: MurmurHash3 (x86, 128 bits; https://github.com/aappleby/smhasher). It shows that a file is unchanged, and
 * protects against mistakes only, not against an attacker.
 * @module
 */

/** `murmur3:`, the hash of the text, `:`, and the first 16 digits of the checksum. All digits are hexadecimal, in lower case. */
export function textMark(checksum: string, text: string): string {
  return `murmur3:${murmur3(text)}:${checksum.slice(0, 16)}`;
}

const BLOCK = 16;

/** Every call uses this memory again, because a project has hundreds of short texts. */
const bytes = new Uint8Array(1024 * BLOCK);
const view = new DataView(bytes.buffer);
const encoder = new TextEncoder();

/** The hash of a text as UTF-8, 32 lower-case hex digits. A lone surrogate counts as U+FFFD. */
export function murmur3(text: string): string {
  const hash: Hash = { a: 0, b: 0, c: 0, d: 0 };
  let length = 0;
  let filled = 0;
  for (let rest = text; rest !== "";) {
    const { read, written } = encoder.encodeInto(rest, bytes.subarray(filled));
    rest = rest.slice(read);
    length += written;
    filled += written;
    const end = filled - (filled % BLOCK);
    mixBlocks(hash, end);
    bytes.copyWithin(0, end, filled);
    filled -= end;
  }
  bytes.fill(0, filled, BLOCK);
  mixRest(hash);
  return digest(hash, length);
}

interface Hash {
  a: number;
  b: number;
  c: number;
  d: number;
}

const [C1, C2, C3, C4] = [0x239b961b, 0xab0e9789, 0x38b34ae5, 0xa1e38b93] as const;

/** Without inner functions, because the program ends before V8 compiles this to machine code. */
function mixBlocks(hash: Hash, end: number): void {
  let { a, b, c, d } = hash;
  for (let at = 0; at < end; at += BLOCK) {
    let k = Math.imul(view.getInt32(at, true), C1);
    a ^= Math.imul((k << 15) | (k >>> 17), C2);
    a = Math.imul(((a << 19) | (a >>> 13)) + b, 5) + 0x561ccd1b;
    k = Math.imul(view.getInt32(at + 4, true), C2);
    b ^= Math.imul((k << 16) | (k >>> 16), C3);
    b = Math.imul(((b << 17) | (b >>> 15)) + c, 5) + 0x0bcaa747;
    k = Math.imul(view.getInt32(at + 8, true), C3);
    c ^= Math.imul((k << 17) | (k >>> 15), C4);
    c = Math.imul(((c << 15) | (c >>> 17)) + d, 5) + 0x96cd1c35;
    k = Math.imul(view.getInt32(at + 12, true), C4);
    d ^= Math.imul((k << 18) | (k >>> 14), C1);
    d = Math.imul(((d << 13) | (d >>> 19)) + a, 5) + 0x32ac3b17;
  }
  Object.assign(hash, { a, b, c, d });
}

/** The last bytes, fewer than a block. Zeros after them change nothing. */
function mixRest(hash: Hash): void {
  const mixed = (at: number, first: number, turn: number, second: number): number =>
    Math.imul(turned(Math.imul(view.getInt32(at, true), first), turn), second);
  hash.a ^= mixed(0, C1, 15, C2);
  hash.b ^= mixed(4, C2, 16, C3);
  hash.c ^= mixed(8, C3, 17, C4);
  hash.d ^= mixed(12, C4, 18, C1);
}

function turned(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}

function digest({ a, b, c, d }: Hash, length: number): string {
  const mixed = summed({ a: a ^ length, b: b ^ length, c: c ^ length, d: d ^ length });
  const spread = summed({
    a: avalanche(mixed.a),
    b: avalanche(mixed.b),
    c: avalanche(mixed.c),
    d: avalanche(mixed.d),
  });
  return hex(spread.a) + hex(spread.b) + hex(spread.c) + hex(spread.d);
}

/** Every word depends on all four. */
function summed({ a, b, c, d }: Hash): Hash {
  const sum = a + b + c + d;
  return { a: sum, b: b + sum, c: c + sum, d: d + sum };
}

/** Every bit depends on all bits of the word. */
function avalanche(word: number): number {
  const once = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
  const twice = Math.imul(once ^ (once >>> 13), 0xc2b2ae35);
  return twice ^ (twice >>> 16);
}

function hex(word: number): string {
  return (word >>> 0).toString(16).padStart(8, "0");
}
