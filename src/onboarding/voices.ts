/** @module The voices and languages of an agent, and its greetings. */

export const VOICES = ["female", "male"] as const;
export type Voice = (typeof VOICES)[number];

export const LANGUAGES = ["fr-FR", "en-GB"] as const;
export type Language = (typeof LANGUAGES)[number];

export const VOICE_PROVIDER = "elevenlabs";

/** The provider's ids, as the original system assigned them: one for `male`, the other for every other value. */
export const VOICE_IDS: Readonly<Record<Voice, string>> = {
  female: "pNInz6obpgDQGcFmaJgB",
  male: "onwK4e9ZLuTAKqWW03F9",
};

/** `${before}name${between}company${after}` */
export interface Greeting {
  readonly language: Language;
  readonly voice: Voice;
  readonly before: string;
  readonly between: string;
  readonly after: string;
}

const ENGLISH = {
  language: "en-GB",
  before: "Hello, this is ",
  between: ", the assistant of ",
  after: ". How can I help you?",
} as const;

const FRENCH = {
  language: "fr-FR",
  before: "Bonjour, je suis ",
  after: ". Comment puis-je vous aider ?",
} as const;

export const GREETINGS: readonly Greeting[] = [
  { ...FRENCH, voice: "female", between: ", l'assistante virtuelle de " },
  { ...FRENCH, voice: "male", between: ", l'assistant virtuel de " },
  { ...ENGLISH, voice: "female" },
  { ...ENGLISH, voice: "male" },
];
