/** @module The team step: the people who take appointments. If the company has none, the step creates those that its sector suggests. */
import { ANY_SECTOR, CLOSES, OPEN_DAYS, OPENS, SECTORS } from "../../onboarding/sectors.ts";
import { element } from "../dom.ts";
import { form } from "../form.ts";
import { hourOf, weekdayOf } from "../format.ts";
import { type StepPorts, stepView, type StepView } from "../step-view.ts";

export function agents(ports: StepPorts): StepView {
  const { api, session, words } = ports;
  const texts = words.agents;
  const none = session.agents === 0;
  const { people } = SECTORS.find(({ id }) => id === session.sector) ?? ANY_SECTOR;
  const hours = texts.hours(
    weekdayOf(words.tag, Math.min(...OPEN_DAYS)),
    weekdayOf(words.tag, Math.max(...OPEN_DAYS)),
    hourOf(words.tag, OPENS),
    hourOf(words.tag, CLOSES),
  );
  const body = none
    ? [
        element("p", {}, texts.proposed),
        element(
          "ul",
          { class: "people" },
          ...people.map(({ firstName }) =>
            element(
              "li",
              {},
              element("strong", {}, firstName),
              element("span", { class: "hint" }, hours),
            ),
          ),
        ),
      ]
    : [
        element("p", { class: "fact" }, texts.teamSize(session.agents)),
        element("p", {}, texts.kept),
      ];
  const { root } = form(
    {
      ...ports,
      submit: none ? texts.submit : words.next,
      fields: () => [],
      send: async () => ports.settle(await api.generateAgents(session.id)),
    },
    ...body,
  );
  return stepView(texts, root);
}
