import { expect, onTestFinished, test } from "vitest";
import { emptyMemory, portsOver } from "./databases.ts";
import { libraryOver } from "./library.ts";

test.each([
  ["one", 1],
  ["  two \n\t words ", 2],
  ["trois mots, là", 3],
  ["a\u00A0b\u3000c", 3],
])(
  "a step of knowledge stores the number of words of a document: %j has %i",
  async (content, words) => {
    const { d1, close } = await emptyMemory();
    onTestFinished(close);
    const onboarding = libraryOver(portsOver(d1));
    const acme = { tenant: "acme", user: "ada" };
    const { session } = await onboarding.start(acme, {});
    await onboarding.saveBusiness(acme, session, { company_name: "Acme", industry: "retail" });
    await onboarding.generateAgents(acme, session);
    await onboarding.saveAssistant(acme, session, { agent_name: "Nora" });
    await onboarding.addKnowledge(acme, session, { documents: [{ title: "x", content }] });
    expect(await d1.prepare("SELECT word_count FROM knowledge_documents").first("word_count")).toBe(
      words,
    );
  },
);
