import { readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { ROOT } from "./project.ts";

const SRC = join(ROOT, "src");

/** Which room may import which. `types` may be imported as types only: these imports do not exist at run time. */
const ROOMS: Readonly<
  Record<string, { readonly code: readonly string[]; readonly types: readonly string[] }>
> = {
  sql: { code: [], types: [] },
  report: { code: [], types: [] },
  failure: { code: ["report"], types: [] },
  options: { code: ["report"], types: [] },
  schema: { code: ["failure", "sql"], types: ["database"] },
  backfills: { code: ["failure", "sql", "report"], types: ["database"] },
  lease: { code: ["failure", "report"], types: ["database"] },
  migrations: {
    code: ["backfills", "failure", "lease", "schema", "sql", "report"],
    types: ["database"],
  },
  snapshots: { code: ["failure", "report", "schema", "sql"], types: ["database"] },
  clones: { code: ["report", "snapshots", "sql"], types: ["schema"] },
  audit: { code: ["failure", "report", "schema", "snapshots", "sql"], types: ["database"] },
  onboarding: { code: ["failure", "report"], types: ["database"] },
  // Reads many tenants from a file and words the reports of the command line. It is not part of the Worker.
  "onboarding/file": { code: ["failure", "files", "onboarding", "report"], types: ["database"] },
  worker: { code: ["failure", "onboarding", "report", "version"], types: ["database"] },
  page: { code: ["onboarding"], types: [] },
  database: { code: ["cloudflare", "failure", "files", "snapshots", "sql", "report"], types: [] },
  cloudflare: { code: ["failure", "report"], types: ["config"] },
  files: { code: ["report"], types: ["clones", "snapshots"] },
  s3: { code: ["failure", "report"], types: ["snapshots"] },
  config: { code: ["files", "options", "report"], types: [] },
  terminal: { code: ["report"], types: [] },
  project: {
    code: [
      "backfills",
      "cloudflare",
      "config",
      "database",
      "failure",
      "files",
      "known-settings",
      "lease",
      "migrations",
      "options",
      "report",
      "s3",
      "verbs",
      "version",
    ],
    types: ["snapshots"],
  },
  commands: {
    code: [
      "project",
      "onboarding/file",
      "backfills",
      "failure",
      "migrations",
      "lease",
      "onboarding",
      "options",
      "report",
      "snapshots",
      "clones",
      "audit",
      "database",
      "cloudflare",
      "files",
      "config",
      "s3",
    ],
    types: [],
  },
  cli: {
    code: ["commands", "error-codes", "project", "files", "report", "terminal", "version"],
    types: [],
  },
  version: { code: [], types: [] },
  // Each room with verbs of its own registers how they are typed.
  verbs: { code: ["migrations", "onboarding/file", "report"], types: [] },
  // Each room with settings of its own registers them here.
  "known-settings": { code: ["clones", "options", "s3", "snapshots"], types: [] },
  // Each room with error codes of its own registers them here.
  "error-codes": { code: ["clones", "onboarding", "report", "snapshots"], types: [] },
  index: {
    code: ["backfills", "commands", "database", "error-codes", "project", "report"],
    types: [],
  },
};

/** The subject rooms: they decide, and callers pass in everything that is outside of them. */
const SUBJECTS = [
  "sql",
  "schema",
  "backfills",
  "lease",
  "migrations",
  "snapshots",
  "clones",
  "audit",
  "onboarding",
  "report",
];

/** The packages that code of a Worker may import. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  onboarding: ["kysely", "libphonenumber-js", "zod"],
  worker: ["@hono/zod-openapi", "hono", "jose", "zod"],
};

/** Folders whose files may share the name of a verb in `commands/`, because they contain a part of that verb. */
const VERB_FOLDERS: Readonly<Record<string, string>> = {
  cli: "commands",
  "cli/audit": "commands/audit",
  "cli/backfill": "commands/backfill",
  "cli/migrate": "commands/migrate",
  "cli/onboard": "commands/onboard",
  "cli/snapshot": "commands/snapshot",
  migrations: "commands/migrate",
  "page/steps": "commands/onboard",
  "snapshots/prune": "commands/snapshot",
  "snapshots/store": "commands/snapshot",
  "snapshots/take": "commands/snapshot",
  "snapshots/verify": "commands/snapshot",
};

interface Import {
  readonly from: string;
  readonly to: string;
  readonly typeOnly: boolean;
}

const files = readdirSync(SRC, { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".ts"))
  .map((name) => ({ name, text: readFileSync(join(SRC, name), "utf8") }));

function roomOf(name: string): string {
  const [first = "", second] = name.split("/");
  if (first === "onboarding" && second === "file") return "onboarding/file";
  return first.replace(/\.ts$/, "");
}

function importsOf({ name, text }: (typeof files)[number]): Import[] {
  const found: Import[] = [];
  for (const [, kind = "", names = "", to = ""] of text.matchAll(
    /^\s*(import|export)\s+([^;"']*?)\s*from\s+["']([^"']+)["']/gm,
  )) {
    const inner = /^\{(.*)\}$/s
      .exec(names.trim())?.[1]
      ?.split(",")
      .map((part) => part.trim())
      .filter(Boolean);
    const typeOnly =
      names.startsWith("type ") ||
      (inner !== undefined && inner.every((part) => part.startsWith("type ")));
    found.push({ from: name, to, typeOnly: typeOnly && kind !== "" });
  }
  for (const [, to = ""] of text.matchAll(/import\(\s*["']([^"']+)["']\s*\)/g))
    found.push({ from: name, to, typeOnly: false });
  for (const [, to = ""] of text.matchAll(/^import\s+["']([^"']+)["']/gm))
    found.push({ from: name, to, typeOnly: false });
  return found;
}

const imports = files.flatMap(importsOf);

/** All files but those of onboarding, which is a product on the core. */
const core = files.filter(
  ({ name }) => !/^(?:(?:cli|commands)\/onboard|onboarding|page|worker)\//.test(name),
);

describe("the sources", () => {
  test("include the files and imports that these tests check", () => {
    expect(files.length).toBeGreaterThan(50);
    expect(imports.length).toBeGreaterThan(100);
  });

  test.each(Object.entries(ROOMS))(
    "the room %s imports only the rooms that the table allows",
    (room, { code, types }) => {
      const wrong = imports
        .filter(({ from, to }) => roomOf(from) === room && to.startsWith("."))
        .map((one) => ({
          ...one,
          target: roomOf(relative(SRC, resolve(SRC, dirname(one.from), one.to))),
        }))
        .filter(
          ({ target, typeOnly }) =>
            target !== room && !code.includes(target) && !(typeOnly && types.includes(target)),
        )
        .map(({ from, to }) => `${from} -> ${to}`);
      expect(wrong).toEqual([]);
    },
  );

  test("every file is in a room of the table", () => {
    expect(
      files.map(({ name }) => roomOf(name)).filter((room) => ROOMS[room] === undefined),
    ).toEqual([]);
  });

  test.each(SUBJECTS)(
    "the room %s uses no module of node, clock, random number or process",
    (room) => {
      const own = files.filter(({ name }) => roomOf(name) === room);
      const wrong = own.flatMap(({ name, text }) => [
        ...importsOf({ name, text })
          .filter(({ to }) => !to.startsWith(".") && PACKAGES[room]?.includes(to) !== true)
          .map(({ to }) => `${name} imports ${to}`),
        ...[
          ...withoutComments(text).matchAll(
            /\bprocess\.|\bDate\.now\b|\bnew Date\(\)|\bperformance\.|\bMath\.random\b|\bglobalThis\b|\bBuffer\b/g,
          ),
        ].map(([use]) => `${name} uses ${use}`),
      ]);
      expect(wrong).toEqual([]);
    },
  );

  test("the command line uses the process in four files only, so that tests can run several commands in one process", () => {
    const uses = files
      .filter(({ name }) => roomOf(name) === "cli" || roomOf(name) === "terminal")
      .flatMap(({ name, text }) =>
        [...withoutComments(text).matchAll(/\bprocess\.(?!platform\b)\w+|= process;/g)].map(
          ([use]) => `${name}: ${use}`,
        ),
      );
    expect([...new Set(uses)].toSorted()).toEqual([
      "cli/exit-guard.ts: process.exitCode",
      "cli/exit-guard.ts: process.once",
      "cli/host.ts: = process;",
      "cli/host.ts: process.cwd",
      "cli/host.ts: process.exit",
      "cli/host.ts: process.off",
      "cli/host.ts: process.on",
      "cli/host.ts: process.stderr",
      "cli/host.ts: process.stdin",
      "cli/host.ts: process.stdout",
      "cli/main.ts: process.exit",
      // The prompt is repainted when the process continues after Ctrl-Z.
      "terminal/prompt.ts: process.off",
      "terminal/prompt.ts: process.on",
    ]);
  });

  test("only project/ and database/ compare the place, and byPlace chooses values, not conditions", () => {
    const asks = files
      .filter(({ name }) => !/^(project|database)\//.test(name))
      .filter(({ text }) => /\bplace [!=]== "(local|remote)"/.test(withoutComments(text)))
      .map(({ name }) => name);
    expect(asks).toEqual([]);
    const conditions = files
      .filter(({ text }) => /\bbyPlace\b/.test(text))
      .filter(({ text }) => /\b(?:local|remote): (?:true|false)\b/.test(withoutComments(text)));
    expect(conditions.map(({ name }) => name)).toEqual([]);
  });

  test("a verb reads the process and the time only from its project, with four exceptions", () => {
    const uses = files
      .filter(({ name }) => roomOf(name) === "commands")
      .flatMap(({ name, text }) =>
        [
          ...withoutComments(text).matchAll(/(?<!\/)\bprocess\.\w+|\bnew Date\(\)|\bDate\.now\b/g),
        ].map(([use]) => `${name}: ${use}`),
      );
    expect(uses.toSorted()).toEqual([
      // `doctor` examines the node that runs it.
      "commands/doctor/examine-tools.ts: process.execPath",
      "commands/doctor/examine-tools.ts: process.versions",
      // The time of each written row. The clock of a project is monotonic and knows no date.
      "commands/onboard/options.ts: new Date()",
      // The documented default of the option `input`.
      "commands/onboard/run-options.ts: process.stdin",
    ]);
  });

  test("only two files read the prefix of D1's error messages", () => {
    const wrong = files.filter(({ text }) => /["'/^]D1_(?:ERROR)?\b/.test(withoutComments(text)));
    expect(wrong.map(({ name }) => name)).toEqual(["database/client.ts", "failure/kind.ts"]);
  });

  test("only failure/kind.ts, database/ and sql/ read SQLite's messages about missing objects", () => {
    const wrong = files
      .filter(({ text }) => /no such (?:table|column|\()/.test(withoutComments(text)))
      .map(({ name }) => name)
      .filter((name) => !/^(?:database|sql)\//.test(name));
    expect(wrong).toEqual(["failure/kind.ts"]);
  });

  test("the core names no error code of onboarding, and only five files import the untyped error class", () => {
    const rooms = files.filter((file) => file.name.endsWith("/errors.ts") && !core.includes(file));
    const codes = rooms.flatMap(({ text }) => text.match(/^ {2}[A-Z_0-9]+(?=: \{)/gm) ?? []);
    expect(codes.length).toBeGreaterThan(3);
    const naming = core.filter(({ text }) => codes.some((code) => text.includes(code.trim())));
    expect(naming.map(({ name }) => name)).toEqual([]);
    const constructing = files.filter(({ text }) =>
      /\bAnyOpsError\b[^;]* from "[./a-z]*\/error-class\.ts"/.test(text),
    );
    expect(constructing.map(({ name }) => name).toSorted()).toEqual([
      "clones/errors.ts",
      "error-codes.ts",
      "onboarding/errors.ts",
      "report/error.ts",
      "snapshots/errors.ts",
    ]);
  });

  test("the core names no verb of onboarding, and only two files import the untyped command", () => {
    const naming = core
      // These three list every command of the program.
      .filter(({ name }) => !/^(?:cli\/(?:program|suggest)|index)\.ts$/.test(name))
      // Also finds a verb that is put together from parts.
      .filter(({ text }) => /\bonboard\b/.test(text));
    expect(naming.map(({ name }) => name)).toEqual([]);
    const writing = files.filter(({ text }) =>
      /\banyCommand\b[^;]* from "[./a-z]*\/command\.ts"/.test(text),
    );
    expect(writing.map(({ name }) => name).toSorted()).toEqual([
      "onboarding/file/onboarding-verbs.ts",
      "verbs.ts",
    ]);
  });

  test("failure/retry.ts and four other files are the only ones that repeat failed calls", () => {
    const counts =
      /\b(?:made|tried|tries|lost|retries|failures|attempts?)(?:\+\+| \+= 1| = \w+ \+ 1)/;
    const loops = files
      .map(({ name, text }) => ({ name, text: withoutComments(text) }))
      .filter(({ text }) => /\b(?:for(?: await)?|while) \(|\bdo \{/.test(text))
      // A call of `retry` may compute its wait with `backOff`.
      .filter(
        ({ text }) => counts.test(text) || (/\bbackOff\(/.test(text) && !/\bretry\(/.test(text)),
      );
    expect(loops.map(({ name }) => name).toSorted()).toEqual([
      "cloudflare/download-stream.ts",
      "cloudflare/import-order.ts",
      "cloudflare/time-travel-restore.ts",
      "failure/retry.ts",
      "migrations/attempt.ts",
    ]);
  });

  test("only cloudflare/redirect.ts and s3/s3-client.ts call fetch outside of the page and the Worker, and follow no redirect by themselves", () => {
    const calls = files
      .filter(({ name }) => roomOf(name) !== "page" && roomOf(name) !== "worker")
      .filter(({ text }) =>
        /(?<![.\w])fetch\(/.test(withoutComments(text).replaceAll(/^ +fetch\(.*;$/gm, "")),
      )
      .map(({ name }) => name);
    expect(calls).toEqual(["cloudflare/redirect.ts", "s3/s3-client.ts"]);
    for (const name of calls) {
      expect(files.find((one) => one.name === name)?.text).toContain('redirect: "manual"');
    }
    const page = files.filter(
      ({ name, text }) => roomOf(name) === "page" && /[^.\w]fetch\(/.test(text),
    );
    expect(page.map(({ text }) => text.includes('redirect: "error"'))).toEqual([true]);
  });

  test("the page imports only its own files and three lists of onboarding", () => {
    const lists = new Set(["sectors", "steps", "voices"].map((name) => `onboarding/${name}.ts`));
    const wrong = imports
      .filter(({ from, typeOnly }) => roomOf(from) === "page" && !typeOnly)
      .map(({ from, to }) => ({ from, to, target: relative(SRC, resolve(SRC, dirname(from), to)) }))
      .filter(({ target }) => !target.startsWith("page/") && !lists.has(target))
      .map(({ from, to }) => `${from} -> ${to}`);
    expect(wrong).toEqual([]);
    expect(
      imports.filter(({ from }) => lists.has(from)).map(({ from, to }) => `${from} -> ${to}`),
    ).toEqual([]);
  });

  test("the page never inserts data as markup", () => {
    const wrong = files
      .filter(({ name }) => roomOf(name) === "page")
      .filter(({ text }) =>
        /innerHTML|outerHTML|insertAdjacentHTML|document\.write|setAttribute\("(on|style)/.test(
          text,
        ),
      );
    expect(wrong.map(({ name }) => name)).toEqual([]);
  });

  test("the Worker and the rooms that it imports use no module of node", () => {
    const inside = new Set(["worker", "onboarding", "failure", "report", "version"]);
    const clock = "failure/clock.ts";
    expect(
      imports.filter(
        ({ from, to, typeOnly }) =>
          inside.has(roomOf(from)) && from !== clock && !typeOnly && to.endsWith("/clock.ts"),
      ),
    ).toEqual([]);
    const wrong = imports
      .filter(({ from, to }) => inside.has(roomOf(from)) && from !== clock && !to.startsWith("."))
      .filter(({ to }) => {
        const name = to.startsWith("@") ? to : (to.split("/")[0] ?? to);
        return ![...(PACKAGES["worker"] ?? []), ...(PACKAGES["onboarding"] ?? [])].includes(name);
      })
      .map(({ from, to }) => `${from} -> ${to}`);
    expect(wrong).toEqual([]);
  });

  test("no file has more than 300 lines", () => {
    expect(
      files.filter(({ text }) => text.split("\n").length > 300).map(({ name }) => name),
    ).toEqual([]);
  });

  test("the median file has at most 100 lines", () => {
    const sizes = files.map(({ text }) => text.split("\n").length).sort((a, b) => a - b);
    expect(sizes[Math.floor(sizes.length / 2)]).toBeLessThanOrEqual(100);
  });

  test("no file name is vague, such as utils, helpers, common, manager or service", () => {
    expect(
      files
        .map(({ name }) => name)
        .filter((name) =>
          /(^|\/|-)(utils?|helpers?|common|misc|manager|service)(\.|\/|-)/i.test(name),
        ),
    ).toEqual([]);
  });

  test("two files have the same base name only if both belong to verbs, or are entry points or error codes of a room", () => {
    const all = new Set(files.map(({ name }) => name));
    const isVerb = (name: string): boolean => {
      const folder = dirname(name);
      const verbs = VERB_FOLDERS[folder] ?? folder;
      return /^commands\b/.test(verbs) && all.has(`${verbs}/${basename(name)}`);
    };
    const byBase = Map.groupBy(
      [...all].filter((name) => !/(^|\/)(index|main|errors)\.ts$/.test(name)),
      (name) => basename(name),
    );
    const shared = [...byBase.values()].filter((names) => names.length > 1 && !names.every(isVerb));
    expect(shared.map((names) => names.toSorted().join(" ")).toSorted()).toEqual([]);
  });

  test("every file begins with a docstring that says what it is for", () => {
    expect(
      files.filter(({ text }) => !/^\/\*\*[\s\S]*?@module/.test(text)).map(({ name }) => name),
    ).toEqual([]);
  });

  test("the command line imports each verb lazily", () => {
    const eager = imports.filter(
      ({ from, to, typeOnly }) =>
        from.startsWith("cli/") &&
        !typeOnly &&
        /commands\/(migrate|backfill|snapshot|onboard|init|status|doctor)/.test(to),
    );
    const lazy = eager.filter(
      ({ from, to }) =>
        !new RegExp(String.raw`import\(\s*"${to.replaceAll(".", String.raw`\.`)}"`).test(
          files.find(({ name }) => name === from)?.text ?? "",
        ),
    );
    expect(
      lazy
        .filter(({ from, to }) => !to.startsWith("./commands/") || !from.endsWith("program.ts"))
        .map(({ from, to }) => `${from} -> ${to}`),
    ).toEqual([]);
  });
});

function withoutComments(text: string): string {
  return text.replaceAll(/\/\*[\s\S]*?\*\//g, "").replaceAll(/(^|\s)\/\/.*$/gm, "");
}
