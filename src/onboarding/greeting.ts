/**
 * How an agent says hello, as SQL: in the words of its language and of its voice.
 * @module
 */
import { type RawBuilder, sql } from "kysely";
import { GREETINGS, VOICE_IDS } from "./voices.ts";

/** What a greeting is made of, each as an expression. */
export interface GreetingParts {
  readonly agent: RawBuilder<string>;
  readonly company: RawBuilder<string>;
  readonly language: RawBuilder<string>;
  readonly voice: RawBuilder<string | null>;
  /** In a language, or with a voice, that we have no words for. */
  readonly otherwise: RawBuilder<string | null>;
}

export function greetingOf({
  agent,
  company,
  language,
  voice,
  otherwise,
}: GreetingParts): RawBuilder<string | null> {
  const cases = GREETINGS.map(({ language: of, voice: by, before, between, after }) => {
    const text = sql`${sql.lit(before)} || ${agent} || ${sql.lit(between)} || ${company} || ${sql.lit(after)}`;
    return sql`WHEN ${language} = ${sql.lit(of)} AND ${voice} = ${sql.lit(VOICE_IDS[by])} THEN ${text}`;
  });
  return sql`CASE ${sql.join(cases, sql` `)} ELSE ${otherwise} END`;
}
