import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { durationMs } from "@podium/shared";
import { formatNumber } from "../quantities.ts";
import { type Check, doubtful, good, wrong } from "./check.ts";
import { patience, type RoundRehearsal, whyFailed } from "./rehearse-round.ts";
import type { Ended } from "./stage.ts";

/** The environment of a session may have to be made first. */
const SETTING_UP_MS = 10 * 60_000;
/** Failures of an ingestion program that ran, and could not do with what it was given. */
const ENTRANTS_FAULTS: ReadonlySet<string> = new Set([
  "model_error",
  "no_predictions",
  "invalid_predictions",
  "scorer_failed",
]);

/**
 * Hands code to a round whose ingestion program runs it: the organizer's own (`--code`), which must get a score; or, as
 * only the organizer knows what code the program wants, code that does nothing, which must come to an end at least.
 */
export async function rehearseIngestion(part: RoundRehearsal): Promise<void> {
  const { stage, round, definition, code, add } = part;
  const withinMs = patience(definition) + durationMs(round.limits.infer_timeout) + SETTING_UP_MS;
  const submit = (folder: string) => stage.submitPath("code", folder, withinMs);
  for (const folder of code) {
    const what = `${round.name}: ${folder}, by the ingestion program`;
    const ended = await submit(folder);
    if (ended.state === "scored") add(good(what, `score ${formatNumber(ended.score)}`));
    else add(wrong(what, whyFailed(ended)));
  }
  const folder = mkdtempSync(join(tmpdir(), "podium-nothing-"));
  try {
    writeFileSync(join(folder, "main.py"), "# A rehearsal's code: it does nothing.\n");
    add(judgeNothing(part, await submit(folder)));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function judgeNothing({ round, code }: RoundRehearsal, ended: Ended): Check {
  const what = `${round.name}: code that does nothing, by the ingestion program`;
  if (ended.state === "scored")
    return doubtful(what, `score ${formatNumber(ended.score)}: should your ingestion program refuse it?`);
  const failed = whyFailed(ended);
  if (ended.failure?.code === "timeout")
    return doubtful(
      what,
      `it waits until the time is over (${failed}): let it end, for entrants pay for its time`,
    );
  if (!ENTRANTS_FAULTS.has(ended.failure?.code ?? ""))
    return wrong(what, `the ingestion program could not be run: ${failed}`);
  return code.length > 0
    ? good(what, `refused: ${failed}`)
    : doubtful(what, `it ran, and ended with ${failed} Give code that it can run with --code FOLDER`);
}
