/**
 * `onboard start | business | agents | assistant | knowledge | complete | status`: one tenant, one step at a time. Whoever has
 * the id of the session can go on with it.
 * @module
 */
import { untilKnown } from "../../failure/retry.ts";
import { pause, realClock } from "../../failure/clock.ts";
import type { Database } from "../../database/port.ts";
import { type Onboarding, openOnboarding } from "../../onboarding/onboarding.ts";
import type { Caller } from "../../onboarding/ports.ts";
import type { SessionState } from "../../onboarding/state.ts";
import type { StepName } from "../../onboarding/steps.ts";
import { command, offer, type Verb } from "../../report/command.ts";
import { OpsError } from "../../report/error.ts";
import type { Report } from "../../report/report.ts";
import { sameCommand } from "../../project/command-line.ts";
import { demandConfirmation } from "../../project/confirm.ts";
import { findWritable } from "../../project/demand.ts";
import { report, start } from "../../project/envelope.ts";
import { notReady, openForOnboarding } from "./database.ts";
import { readDocument } from "./documents.ts";
import { type OnboardOptions, onboardingSettings, portsOver, usage } from "./options.ts";
import * as read from "./step-options.ts";
import type {
  OnboardAssistantOptions,
  OnboardBusinessOptions,
  OnboardKnowledgeOptions,
  OnboardSessionOptions,
  OnboardStartOptions,
  OnboardStatusOptions,
} from "./step-options.ts";
import { sessionBody, withCommand } from "./session.ts";
import { findProject, openDatabase } from "../../project/open.ts";
import { runVerb } from "../../project/run-verb.ts";

export type {
  OnboardAssistantOptions,
  OnboardBusinessOptions,
  OnboardKnowledgeOptions,
  OnboardSessionOptions,
  OnboardStartOptions,
} from "./step-options.ts";

/** Of every step; `start` has no session yet. */
type StepOptions = OnboardOptions & { readonly session?: string };

/** Answers the session's id as `data.session`. */
export async function onboardStart(given: OnboardStartOptions): Promise<Report> {
  const options = read.start(given);
  const { tenant, user, email, key } = options;
  const caller = { tenant, user };
  return runVerb("onboard start", options, async () =>
    take(
      "start",
      options,
      async () => caller,
      async (onboarding) => {
        const { session } = await onboarding.start(
          caller,
          { ...(email !== undefined && { email }) },
          key,
        );
        return onboarding.status(caller, session);
      },
    ),
  );
}

export async function onboardBusiness(given: OnboardBusinessOptions): Promise<Report> {
  const options = read.business(given);
  const { session, company, industry, phone, email } = options;
  const input = { company_name: company, industry, phone, email };
  return go("business", options, async (onboarding, caller) =>
    onboarding.saveBusiness(caller, session, input),
  );
}

export async function onboardAgents(given: OnboardSessionOptions): Promise<Report> {
  const options = read.agents(given);
  return go("agents", options, async (onboarding, caller) =>
    onboarding.generateAgents(caller, options.session),
  );
}

export async function onboardAssistant(given: OnboardAssistantOptions): Promise<Report> {
  const options = read.assistant(given);
  const { session, name, type, voice, language, appointments, products } = options;
  const input = {
    agent_name: name,
    agent_type: type,
    voice,
    language,
    enable_appointments: appointments,
    enable_products: products,
  };
  return go("assistant", options, async (onboarding, caller) =>
    onboarding.saveAssistant(caller, session, input),
  );
}

export async function onboardKnowledge(given: OnboardKnowledgeOptions): Promise<Report> {
  const options = read.knowledge(given);
  const { session, documents, title, cwd = process.cwd() } = options;
  if (title !== undefined && documents.length !== 1) {
    throw usage("--title", "it is of one document", "--document hours.md --title 'Opening hours'");
  }
  const input = { documents: documents.map((path) => readDocument(path, cwd, title)) };
  return go("knowledge", options, async (onboarding, caller) =>
    onboarding.addKnowledge(caller, session, input),
  );
}

export async function onboardComplete(given: OnboardSessionOptions): Promise<Report> {
  const options = read.complete(given);
  return go("complete", options, async (onboarding, caller) =>
    onboarding.complete(caller, options.session),
  );
}

/** Reads only, by default the local database. */
export async function onboardStatus(given: OnboardStatusOptions): Promise<Report> {
  return runVerb("onboard status", read.status(given), look);
}

async function look(options: OnboardStatusOptions): Promise<Report> {
  const started = start();
  const database = await openDatabase(await findProject(options), "read", options);
  try {
    const caller = await callerOf(database, options);
    const state = await openOnboarding(portsOver(database.d1)).status(caller, options.session);
    const body = sessionBody(caller.tenant, state);
    return report("onboard status", database.target, started, body);
  } catch (error) {
    throw notReady(withCommand(error, options.session), database);
  } finally {
    database.close();
  }
}

/** A step of a session that there is. */
async function go(
  step: StepName,
  options: OnboardSessionOptions,
  work: (onboarding: Onboarding, caller: Caller) => Promise<SessionState>,
): Promise<Report> {
  return runVerb(`onboard ${step}`, options, async () => {
    try {
      return await take(step, options, async (database) => callerOf(database, options), work);
    } catch (error) {
      throw withCommand(error, options.session);
    }
  });
}

async function take(
  step: StepName,
  options: StepOptions,
  whose: (database: Database) => Promise<Caller>,
  work: (onboarding: Onboarding, caller: Caller) => Promise<SessionState>,
): Promise<Report> {
  const started = start();
  const verb = `onboard ${step}` as const;
  const dry = options.dryRun === true;
  if (dry && options.place === "remote") throw noCopy(verb, options);
  const settings = onboardingSettings(options);
  const project = await findWritable(verb, options);
  const database = await openForOnboarding(project, options);
  try {
    const caller = await whose(database);
    await confirmStep(verb, step, caller, database, options);
    const clock = options.clock ?? realClock;
    const onboarding = openOnboarding(portsOver(database.d1), settings);
    // A step that is done again is done once, so that it may be sent again.
    const state = await untilKnown(
      async (ms) => pause(clock, ms, options.signal),
      async () => work(onboarding, caller),
    );
    const body = sessionBody(caller.tenant, state);
    return report(verb, database.target, started, {
      ...body,
      ...(dry
        ? { summary: `On a copy, thrown away: ${body.summary}`, next: [] }
        : { outcome: "changed" as const }),
    });
  } catch (error) {
    throw notReady(error, database);
  } finally {
    database.close();
  }
}

/** Whoever works with the database itself need not say whose the session is. @throws OpsError ONBOARDING_NOT_FOUND */
async function callerOf(
  { d1 }: Database,
  { session, tenant, user }: Pick<OnboardSessionOptions, "session" | "tenant" | "user">,
): Promise<Caller> {
  if (tenant !== undefined && user !== undefined) return { tenant, user };
  const row = await d1
    .prepare("SELECT tenant_id AS tenant, user_id AS user FROM onboarding_sessions WHERE id = ?")
    .bind(session)
    .first<Caller>();
  if (row !== null) return { tenant: tenant ?? row.tenant, user: user ?? row.user };
  throw new OpsError(
    "ONBOARDING_NOT_FOUND",
    { session },
    {
      message: `There is no onboarding session ${session}.`,
      hint: offer(
        "To begin one, and print its id",
        command("onboard start", "--tenant", "TENANT", "--user", "USER"),
      ),
    },
  );
}

async function confirmStep(
  verb: Verb,
  step: StepName,
  { tenant }: Caller,
  { target }: Database,
  options: StepOptions,
): Promise<void> {
  if (target.place === "local") return;
  const intent = {
    action: `do the step ${step} of ${tenant}`,
    target,
    account: null,
    steps: [],
    destructive: [],
    look: offer("To see how far it is", command("onboard status", options.session ?? "SESSION")),
  };
  await demandConfirmation(verb, intent, options);
}

function noCopy(verb: Verb, options: StepOptions): OpsError<"USAGE"> {
  return new OpsError(
    "USAGE",
    { argument: "--dry-run" },
    {
      message:
        "A dry run of a step works on a copy, and d1ops makes none of a remote database for it.",
      hint: [
        offer(
          "To try it on a copy of the local database",
          sameCommand({ verb, options }, "--local"),
        ),
        offer(
          "To see how far a session is",
          command("onboard status", options.session ?? "SESSION"),
        ),
      ].join("\n"),
    },
  );
}
