/** @module The knowledge step: the texts that the assistant answers from. There may be none. */
import type { DocumentInput } from "../../onboarding/input.ts";
import { button, element } from "../dom.ts";
import { areaField, type Field, textField } from "../field.ts";
import { form } from "../form.ts";
import type { Draft } from "../storage.ts";
import { type StepPorts, stepView, type StepView } from "../step-view.ts";

type Text = Pick<DocumentInput, "title" | "content">;

const MAX_DOCUMENTS = 50;

export function knowledge(ports: StepPorts): StepView {
  const { api, session, words } = ports;
  const texts = words.knowledge;
  const count = new Intl.NumberFormat(words.tag);
  const list = element("div", { class: "documents" });
  let fields: (readonly [title: Field, content: Field])[] = [];

  const documentTexts = (): Text[] =>
    fields.map(([title, content]) => ({ title: title.value(), content: content.value() }));

  const show = (documents: readonly Text[]): void => {
    fields = documents.map(({ title, content }, i) => [
      textField({ name: `documents.${i}.title`, label: texts.name, value: title }),
      areaField({
        name: `documents.${i}.content`,
        label: texts.content,
        hint: texts.contentHint,
        value: content,
      }),
    ]);
    list.replaceChildren(
      ...fields.map(([title, content], i) => {
        const name = texts.document(count.format(i + 1));
        const remove = button(texts.remove, "link", () => drop(i));
        remove.setAttribute("aria-label", `${texts.remove} – ${name}`);
        return element(
          "fieldset",
          { class: "document" },
          element("legend", {}, name),
          title.root,
          content.root,
          remove,
        );
      }),
    );
    label(documents.length === 0 && session.documents === 0 ? texts.without : words.next);
    add.hidden = documents.length >= MAX_DOCUMENTS;
    full.hidden = !add.hidden;
  };

  const change = (documents: readonly Text[]): void => {
    show(documents);
    ports.onInput(draftOf(documents));
  };

  const drop = (i: number): void => {
    change(documentTexts().filter((_, at) => at !== i));
    const [title] = fields[Math.min(i, fields.length - 1)] ?? [];
    if (title === undefined) add.focus();
    else title.focus();
    ports.announce(texts.removed);
  };

  const add = button(texts.add, "quiet", () => {
    change([...documentTexts(), { title: "", content: "" }]);
    fields.at(-1)?.[0].focus();
    ports.announce(texts.added(count.format(fields.length)));
  });
  const full = element("p", { class: "hint" }, texts.full);

  const { root, label } = form(
    {
      ...ports,
      submit: words.next,
      fields: () => fields.flat(),
      send: async () => {
        const source_type = "text" as const;
        const documents = documentTexts().map((text) => ({ ...text, source_type }));
        return ports.settle(await api.addKnowledge(session.id, { documents }));
      },
    },
    session.documents === 0
      ? null
      : element("p", { class: "fact" }, texts.stored(session.documents)),
    list,
    element("div", { class: "add" }, add, full),
  );
  show(textsOf(ports.draft));
  return stepView(texts, root);
}

function draftOf(documents: readonly Text[]): Draft {
  return Object.fromEntries(
    documents.flatMap(({ title, content }, i) => [
      [`documents.${i}.title`, title],
      [`documents.${i}.content`, content],
    ]),
  );
}

function textsOf(draft: Draft): Text[] {
  const found: Text[] = [];
  for (let i = 0; ; i++) {
    const title = draft[`documents.${i}.title`];
    if (title === undefined) return found;
    found.push({ title, content: draft[`documents.${i}.content`] ?? "" });
  }
}
