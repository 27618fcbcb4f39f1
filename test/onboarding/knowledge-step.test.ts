import { expect, onTestFinished, test } from "vitest";
import { emptyMemory, portsOver } from "./ground.ts";
import { libraryOver } from "./library.ts";

test.each([
  ["one", 1],
  ["  two \n\t words ", 2],
  ["trois mots, là", 3],
  ["a\u00A0b\u3000c", 3],
])("the words of a document are counted: %j has %i", async (content, words) => {
  const { d1, close } = await emptyMemory();
  onTestFinished(close);
  const on = libraryOver(portsOver(d1));
  const acme = { tenant: "acme", user: "ada" };
  const { session } = await on.start(acme, {});
  await on.saveBusiness(acme, session, { company_name: "Acme", industry: "retail" });
  await on.generateAgents(acme, session);
  await on.saveAssistant(acme, session, { agent_name: "Nora" });
  await on.addKnowledge(acme, session, { documents: [{ title: "x", content }] });
  expect(await d1.prepare("SELECT word_count FROM knowledge_documents").first("word_count")).toBe(
    words,
  );
});
