/**
 * The team: people that appointments are made with. For a company that has none they are made, as its sector suggests.
 * @module
 */
import { ANY_SECTOR, CLOSES, OPEN_DAYS, OPENS, SECTORS } from "../../onboarding/sectors.ts";
import { element } from "../dom.ts";
import { form } from "../form.ts";
import { hourOf, weekdayOf } from "../say.ts";
import type { StepPorts, StepView } from "../step.ts";

export function agents(ports: StepPorts): StepView {
  const { api, session, words } = ports;
  const said = words.agents;
  const none = session.agents === 0;
  const { people } = SECTORS.find(({ id }) => id === session.sector) ?? ANY_SECTOR;
  const hours = said.hours(
    weekdayOf(words.tag, Math.min(...OPEN_DAYS)),
    weekdayOf(words.tag, Math.max(...OPEN_DAYS)),
    hourOf(words.tag, OPENS),
    hourOf(words.tag, CLOSES),
  );
  const body = none
    ? [
        element("p", {}, said.proposed),
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
    : [element("p", { class: "fact" }, said.there(session.agents)), element("p", {}, said.kept)];
  const { root } = form(
    {
      ...ports,
      submit: none ? said.submit : words.next,
      fields: () => [],
      send: async () => ports.settle(await api.generateAgents(session.id)),
    },
    ...body,
  );
  return { heading: said.heading, children: [element("p", { class: "lead" }, said.lead), root] };
}
