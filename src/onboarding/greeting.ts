/** @module An agent's greeting as SQL, in its language and for its voice. */
import { type RawBuilder, sql } from "kysely";
import { GREETINGS, VOICE_IDS } from "./voices.ts";

interface GreetingParts {
  readonly agent: RawBuilder<string>;
  readonly company: RawBuilder<string>;
  readonly language: RawBuilder<string>;
  readonly voice: RawBuilder<string | null>;
  /** The value for a language or voice without a greeting. */
  readonly fallback: RawBuilder<string | null>;
}

export function greetingOf(parts: GreetingParts): RawBuilder<string | null> {
  const { agent, company, language, voice, fallback } = parts;
  const cases = GREETINGS.map(({ language: of, voice: by, before, between, after }) => {
    const text = sql`${sql.lit(before)} || ${agent} || ${sql.lit(between)} || ${company} || ${sql.lit(after)}`;
    return sql`WHEN ${language} = ${sql.lit(of)} AND ${voice} = ${sql.lit(VOICE_IDS[by])} THEN ${text}`;
  });
  return sql`CASE ${sql.join(cases, sql` `)} ELSE ${fallback} END`;
}
