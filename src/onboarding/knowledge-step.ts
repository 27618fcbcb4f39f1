/** @module The step `knowledge`: adds the documents that the agent answers from. */
import { sql } from "kysely";
import type { DocumentInput, KnowledgeInput } from "./input.ts";
import { newId, type Ports, sha256 } from "./ports.ts";
import { advance, type BaseValues, requirePriorSteps } from "./session.ts";
import { type Statement, statement } from "./statement.ts";

export interface KnowledgeValues extends BaseValues {
  /** JSON: an array of {@link NewDocument}. */
  readonly documents: string;
}

interface NewDocument extends DocumentInput {
  readonly id: string;
  readonly hash: string;
  readonly words: number;
}

/** Skips documents whose hash an active document of the tenant has. */
const documents = statement<KnowledgeValues>(
  (param) => sql`INSERT INTO knowledge_documents
  (id, tenant_id, source_type, source_url, title, content, content_hash, word_count, status, created_at, updated_at)
SELECT d.value ->> 'id', ${param("tenant")}, d.value ->> 'source_type', d.value ->> 'source_url', d.value ->> 'title', d.value ->> 'content',
  d.value ->> 'hash', d.value ->> 'words', 'active', ${param("now")}, ${param("now")}
FROM json_each(${param("documents")}) AS d
WHERE NOT EXISTS (SELECT 1 FROM knowledge_documents AS k WHERE k.tenant_id = ${param("tenant")} AND k.content_hash = d.value ->> 'hash' AND k.is_active = 1)`,
);

export const knowledgeWrites: readonly Statement<KnowledgeValues>[] = [documents];

export const knowledgeStatements: readonly Statement<KnowledgeValues>[] = [
  requirePriorSteps("knowledge"),
  ...knowledgeWrites,
  advance("knowledge"),
];

export async function knowledgeValues(
  base: BaseValues,
  { documents: inputs }: KnowledgeInput,
  ports: Pick<Ports, "random" | "sha256">,
): Promise<KnowledgeValues> {
  return { ...base, documents: JSON.stringify(await newDocuments(inputs, ports)) };
}

/** Equal documents of the input become one. */
async function newDocuments(
  inputs: readonly DocumentInput[],
  { random, sha256: hashOf = sha256 }: Pick<Ports, "random" | "sha256">,
): Promise<NewDocument[]> {
  const all = await Promise.all(
    inputs.map(async ({ title, source_type, source_url = null, content }) => {
      const hash = await hashOf(JSON.stringify([source_type, source_url, title, content]));
      const words = content.split(/\s+/u).filter((word) => word !== "").length;
      return { title, source_type, source_url, content, hash, words };
    }),
  );
  const different = new Map(all.map((document) => [document.hash, document]));
  return [...different.values()].map((document) => ({ ...document, id: newId(random, "doc") }));
}
