import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** A temporary folder. `using` removes it at the end of the block. */
export interface Folder extends Disposable {
  readonly path: string;
}

/** Creates the files by relative path. */
export function folder(files: Readonly<Record<string, string | Buffer>> = {}): Folder {
  const path = realpathSync(mkdtempSync(join(tmpdir(), "d1ops-")));
  chmodSync(path, 0o755);
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(path, name)), { recursive: true });
    writeFileSync(join(path, name), content);
  }
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

/** Until the end of the block, `path` has this mode and the process is an unprivileged user, because root may read and write everything. */
export function denied(path: string, mode: number): Disposable {
  const root = process.geteuid?.() === 0;
  const before = statSync(path).mode;
  chmodSync(path, mode);
  if (root) process.seteuid?.(65_534);
  return {
    [Symbol.dispose]: () => {
      if (root) process.seteuid?.(0);
      chmodSync(path, before);
    },
  };
}
