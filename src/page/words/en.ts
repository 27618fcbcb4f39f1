/** @module The page in English, which defines the texts that each language has. */
import type { ProblemCode } from "../../onboarding/input-problems.ts";
import type { Conflict } from "../../onboarding/errors.ts";
import type { Language, Voice } from "../../onboarding/voices.ts";
import type { PageStep } from "../page-step.ts";

/** Every text of the page. A language that lacks one does not compile. */
export type Words = typeof en;

/** The codes that can appear at a field: problems of the input, and conflicts about a value. */
type Complaint = ProblemCode | Extract<Conflict, "number-taken" | "email-taken">;

export const en = {
  /** The locale for `Intl`. */
  tag: "en-GB",
  /** The language's name in that language. */
  language: "English",
  title: "Set up your phone assistant",
  skip: "Skip to the form",
  languages: "Language",
  progress: "Steps",
  stepOf: (step: string, all: string) => `Step ${step} of ${all}`,
  stepDone: "done",
  steps: {
    business: "Company",
    agents: "Team",
    assistant: "Assistant",
    knowledge: "Knowledge",
    complete: "Summary",
    done: "Done",
  } satisfies Record<PageStep, string>,
  optional: "optional",
  next: "Continue",
  back: "Back",
  saving: "Saving…",
  loading: "One moment…",
  retry: "Try again",
  complaints: {
    required: "Please fill this in.",
    "not-a-text": "This cannot be read.",
    "not-a-flag": "This cannot be read.",
    "not-a-list": "This cannot be read.",
    "not-an-object": "This cannot be read.",
    "not-unicode": "There are characters in this that cannot be shown. Please type it again.",
    "unseen-characters": "There are characters in this that cannot be shown. Please type it again.",
    empty: "Please fill this in.",
    "too-long": "This is too long.",
    "too-many": "There are too many. Please leave some out.",
    "too-large": "This is too much text at once. Please shorten it, or leave a document out.",
    "not-one-of": "Please choose one of the values offered.",
    "unknown-key": "This contains something that we do not know.",
    "not-an-identity": "This name cannot be used.",
    "not-a-key": "This key cannot be used.",
    "not-a-sector": "Please choose one of the values offered.",
    "not-an-address": "This is not an e-mail address. Please check the spelling.",
    "address-of-nobody": "This address does not receive mail. Please give your own.",
    "not-a-url": "Please give a web address that begins with https.",
    "phone-not-a-number": "This is not a phone number. Please use digits and spaces.",
    "phone-of-no-country": "We do not know this country code.",
    "phone-too-short": "This number is too short. Is a digit missing?",
    "phone-too-long": "This number is too long. Is there a digit too many?",
    "phone-of-no-length": "This number does not have the right number of digits.",
    "phone-not-valid": "This number does not exist. Please check the digits.",
    "phone-with-extension": "Please give the number without its extension.",
    "number-reserved": "This number is reserved for our service. Please give your own.",
    invalid: "This does not have the right format. Please check the spelling.",
    "number-taken": "This number belongs to another customer. Please give another one.",
    "email-taken": "This address belongs to another customer. Please give another one.",
  } satisfies Record<Complaint, string>,
  toCorrect: (count: number) =>
    count === 1 ? "One field needs your attention." : `${count} fields need your attention.`,
  failures: {
    offline: "You are offline. What you typed is still here.",
    timeout: "That took too long. What you typed is still here.",
    network: "We cannot be reached at the moment. What you typed is still here.",
    broken: "Something went wrong on our side. What you typed is still here.",
    reference: (id: string) => `If this continues, send us this reference: ${id}`,
    busy: (seconds: number) =>
      seconds === 1
        ? "Too many requests at once. Please wait a second."
        : `Too many requests at once. Please wait ${seconds} seconds.`,
    unclear: "This could not be saved. Please check what you typed.",
    gone: "That set-up was not found. We have started a new one for you.",
    elsewhere: "This set-up was finished in the meantime.",
    outOfOrder: "An earlier step is missing. Please continue from here.",
  },
  signIn: {
    heading: "Your access key",
    lead: "The easiest way is to open the link that we sent you. You can also type the values that came with it.",
    token: "Access key",
    tokenHint: "It stays in this tab, and is forgotten when you close it.",
    tenant: "Account",
    tenantHint: "Leave this empty if you did not receive one.",
    user: "User",
    userHint: "Leave this empty if you did not receive one.",
    refused: "This access key is not valid, or has expired. Please ask for a new link.",
    claims: "This key also requires an account and a user.",
    submit: "Begin",
  },
  business: {
    heading: "Your company",
    lead: "Callers will hear this name. You can change everything until you finish.",
    name: "Company name",
    sector: "Sector",
    choose: "Please choose",
    sectors: {
      real_estate: "Real estate",
      retail: "Retail",
      food: "Food and catering",
      services: "Services",
      other: "Another one",
    },
    email: "E-mail address",
    emailHint: "If you leave this empty, we keep the address we have.",
    phone: "Phone number",
    phoneHint: "The number that your callers dial, for example 06\u00A039\u00A098\u00A012\u00A034.",
  },
  agents: {
    heading: "Your team",
    lead: "The assistant makes appointments with these people.",
    proposed: "To begin with, we suggest:",
    teamSize: (count: number) =>
      count === 1 ? "Your team has one person." : `Your team has ${count} people.`,
    hours: (first: string, last: string, from: string, to: string) =>
      `${first} to ${last}, ${from} to ${to}`,
    kept: "Your team does not change, and no one is added.",
    submit: "Create the team",
  },
  assistant: {
    heading: "Your assistant",
    lead: "It answers your phone. Give it a job, a name and a voice.",
    type: "What should it do?",
    types: {
      multi_purpose: {
        name: "A bit of everything",
        description:
          "Answers questions, books appointments and forwards calls. If in doubt, choose this one.",
      },
      appointment_booking: {
        name: "Appointments",
        description: "Finds a free slot, books it, moves it.",
      },
      customer_support: {
        name: "Customer support",
        description: "Answers from your documents, and opens a ticket if it does not know.",
      },
      real_estate_reception: {
        name: "Real estate, reception",
        description: "Searches properties for a caller, and arranges visits.",
      },
      real_estate_callback: {
        name: "Real estate, calling back",
        description: "Calls back people who asked about a property.",
      },
      custom: { name: "Made to measure", description: "We set up its tools and texts with you." },
    },
    name: "Its name",
    nameHint: "It introduces itself with this name.",
    language: "It speaks",
    voiceLanguages: { "fr-FR": "French", "en-GB": "English" } satisfies Record<Language, string>,
    voice: "Its voice",
    voices: { female: "Female", male: "Male" } satisfies Record<Voice, string>,
    may: "It may also",
    appointments: "make appointments",
    products: "search your products",
    greeting: "Callers will hear",
  },
  knowledge: {
    heading: "What it should know",
    lead: "Opening hours, prices, directions: the assistant answers from these texts. You can also continue without.",
    stored: (count: number) =>
      count === 1
        ? "One document is stored. You can add more here."
        : `${count} documents are stored. You can add more here.`,
    document: (number: string) => `Document ${number}`,
    name: "Title",
    content: "Text",
    contentHint: "As you would explain it to a new colleague.",
    add: "Add a document",
    remove: "Remove",
    added: (number: string) => `Document ${number} was added.`,
    removed: "The document was removed.",
    without: "Continue without documents",
    full: "You cannot add more documents at once.",
  },
  complete: {
    heading: "Is everything right?",
    lead: "When you click Finish, your assistant is ready. After that, you cannot change it on this page.",
    change: "Change",
    none: "None",
    people: "People",
    documents: "Documents",
    submit: "Finish",
  },
  done: {
    heading: "All set",
    answers: (number: string, name: string) => `When someone calls ${number}, ${name} answers.`,
    noNumber: (name: string) =>
      `${name} is ready. There is no phone number yet, so no one can call.`,
    when: (moment: string) => `Finished on ${moment}.`,
    took: (duration: string) => `It took ${duration}.`,
    close: "You can close this page.",
  },
};
