/** @module A migration of onboarding as a file of the user's project. Pure. */

interface MigrationText {
  readonly name: string;
  readonly text: string;
  /** Of the canonical text. */
  readonly checksum: string;
}

/** Begins the first line of a copy, so that d1ops recognises it after an edit. */
const MARK = "-- From d1ops onboard init, file ";

export function copyText({ name, text }: Pick<MigrationText, "name" | "text">): string {
  return `${MARK}${name}\n${text}`;
}

/** `0001_core.sql` becomes `onboarding_core`, because `core` would mean nothing in the user's project. */
export function copyTitle({ name }: Pick<MigrationText, "name">): string {
  const title = name.replace(/^\d+_/, "").replace(/\.sql$/, "");
  return title.startsWith("onboarding") ? title : `onboarding_${title}`;
}

/** Tells if a shipped file is among the project's, as a marked copy or with the same statements. */
export function copiesAmong(
  own: readonly MigrationText[],
): (source: Pick<MigrationText, "name" | "checksum">) => boolean {
  const marked = new Set(
    own.flatMap(({ text }) => {
      const [first = ""] = text.split(/\r?\n/, 1);
      return first.startsWith(MARK) ? [first.slice(MARK.length).trim()] : [];
    }),
  );
  const checksums = new Set(own.map(({ checksum }) => checksum));
  return ({ name, checksum }) => marked.has(name) || checksums.has(checksum);
}
