/**
 * The knowledge: texts that the assistant answers from, none or several.
 * @module
 */
import { button, element } from "../dom.ts";
import { areaField, type Field, textField } from "../field.ts";
import { form } from "../form.ts";
import type { Draft } from "../kept.ts";
import type { StepPorts, StepView } from "../step.ts";

interface Text {
  readonly title: string;
  readonly content: string;
}

const AT_MOST = 50;

export function knowledge(ports: StepPorts): StepView {
  const { api, session, words } = ports;
  const said = words.knowledge;
  const count = new Intl.NumberFormat(words.tag);
  const list = element("div", { class: "documents" });
  let fields: (readonly [title: Field, content: Field])[] = [];

  const texts = (): Text[] =>
    fields.map(([title, content]) => ({ title: title.value(), content: content.value() }));

  const show = (documents: readonly Text[]): void => {
    fields = documents.map(({ title, content }, i) => [
      textField({ name: `documents.${i}.title`, label: said.name, value: title }),
      areaField({
        name: `documents.${i}.content`,
        label: said.content,
        hint: said.contentHint,
        value: content,
      }),
    ]);
    list.replaceChildren(
      ...fields.map(([title, content], i) => {
        const name = said.document(count.format(i + 1));
        const remove = button(said.remove, "link", () => drop(i));
        remove.setAttribute("aria-label", `${said.remove} – ${name}`);
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
    label(documents.length === 0 && session.documents === 0 ? said.without : words.next);
    add.hidden = documents.length >= AT_MOST;
    full.hidden = !add.hidden;
  };

  /** Also kept: a document that is there has its title there. */
  const change = (documents: readonly Text[]): void => {
    show(documents);
    ports.typed(draftOf(documents));
  };

  const drop = (i: number): void => {
    change(texts().filter((_, at) => at !== i));
    const [title] = fields[Math.min(i, fields.length - 1)] ?? [];
    if (title === undefined) add.focus();
    else title.focus();
    ports.announce(said.removed);
  };

  const add = button(said.add, "quiet", () => {
    change([...texts(), { title: "", content: "" }]);
    fields.at(-1)?.[0].focus();
    ports.announce(said.added(count.format(fields.length)));
  });
  const full = element("p", { class: "hint" }, said.full);

  const { root, label } = form(
    {
      ...ports,
      submit: words.next,
      fields: () => fields.flat(),
      send: async () => {
        const documents = texts().map((text) => ({ ...text, source_type: "text" as const }));
        return ports.settle(await api.addKnowledge(session.id, { documents }));
      },
    },
    session.documents === 0
      ? null
      : element("p", { class: "fact" }, said.stored(session.documents)),
    list,
    element("div", { class: "add" }, add, full),
  );
  show(textsOf(ports.draft));
  return { heading: said.heading, children: [element("p", { class: "lead" }, said.lead), root] };
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
