import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { balanceSchema, type Submission } from "@podium/shared";
import { z } from "zod";
import type { DemoScript } from "../../../examples/lib/demo-script.ts";
import { check } from "../check.ts";
import { runProcess } from "../run-process.ts";
import type { Summary } from "../summary.ts";
import { participant, type World } from "../world.ts";
import { submit } from "./submit.ts";
import { train } from "./train.ts";

type Balance = z.infer<typeof balanceSchema>;
type Mistake = DemoScript["failures"][number];
type Failure = Summary["failures"][number];

const SETTLE_TRIES = 100;
const SETTLE_WAIT_MS = 100;

/** A submission that can't be scored, ready to be made: what is typed after `podium submit`. */
interface Prepared {
  team: string;
  kind: Mistake["kind"];
  what: string[];
}

const KINDS: Record<Mistake["kind"], string> = {
  "broken-model": "a broken model",
  "wrong-ids": "predictions with wrong ids",
};

/** A participant trains a model that can't predict, or writes a prediction file that doesn't fit. */
export async function prepareMistake(
  world: World,
  mistake: Mistake,
  competition: string,
  dataset: string,
): Promise<Prepared> {
  const { team, kind } = mistake;
  const what =
    mistake.kind === "wrong-ids"
      ? await wrongIds(world, team, competition, dataset)
      : await brokenModel(world, mistake, dataset);
  return { team, kind, what };
}

/**
 * Submits it. It must fail with a message that says what to fix, and by this contest's rule cost neither credit nor
 * a try. Nothing else of the team may run meanwhile: its balance is compared.
 */
export async function submitMistake(world: World, { team, kind, what }: Prepared): Promise<Failure> {
  const before = await settledBalance(world, team);
  const submission = await submit(world, team, what);
  const after = await settledBalance(world, team);
  check(submission.state === "failed", `${team}'s ${kind} submission fails`);
  check(submission.refunded, `${team}'s failure is refunded`);
  check(
    after.available === before.available && after.spent === before.spent,
    `${team} pays nothing for the failure (${before.available} microcredits before, ${after.available} after)`,
  );
  const failure = { entrant: team, ...messageOf(submission), refunded: submission.refunded };
  world.display.note(
    `${team} submitted ${KINDS[kind]} on purpose. The answer (${failure.code}, refunded):\n    ${failure.message}`,
  );
  return failure;
}

async function brokenModel(
  world: World,
  mistake: Extract<Mistake, { kind: "broken-model" }>,
  dataset: string,
): Promise<string[]> {
  const session = await train(world, mistake, dataset);
  return [session.name, mistake.checkpoint];
}

/** The participant pulls the training data and writes a prediction file that numbers the rows instead of naming them. */
async function wrongIds(world: World, team: string, competition: string, dataset: string): Promise<string[]> {
  const folder = join(world.workFolder, `${team}-wrong-ids`);
  await mkdir(folder, { recursive: true });
  await participant(world, team).ask(z.unknown(), ["dataset", "pull", dataset, join(folder, "data")]);
  const script = join(world.exampleFolder, "participants/wrong-ids/make_predictions.py");
  const file = join(folder, "predictions.csv");
  const made = await runProcess(["python3", script, join(folder, "data/train.csv"), file], {
    signal: world.signal,
  });
  if (made.exitCode !== 0) throw new Error(`${script} failed:\n${made.stderr}`);
  return ["--predictions", file, "-c", competition];
}

/** The team's credits once nothing is reserved any more: ended sessions settle a moment later. */
async function settledBalance(world: World, team: string): Promise<Balance> {
  for (let attempt = 0; attempt < SETTLE_TRIES; attempt++) {
    const balance = await participant(world, team).ask(balanceSchema, ["credit"]);
    if (balance.held === 0) return balance;
    await Bun.sleep(SETTLE_WAIT_MS);
  }
  throw new Error(`${team} still has credits reserved though none of its sessions runs.`);
}

function messageOf({ failure }: Submission): { code: string; message: string } {
  check(failure !== null && failure.message.length > 0, "a failed submission says what to fix");
  return { code: failure?.code ?? "", message: failure?.message ?? "" };
}
