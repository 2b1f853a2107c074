import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { durationMs } from "@podium/shared";
import type { Cli } from "../cli.ts";
import { ok } from "../client.ts";
import { hasEnded, printLogs } from "../follow.ts";
import { push } from "../push.ts";
import { formatNumber } from "../quantities.ts";
import { findSession } from "../session-ref.ts";
import { asBody } from "../types.ts";
import { type Check, doubtful, good, wrong } from "./check.ts";
import { PROBED, type Probe, probeModel } from "./probe-model.ts";
import { rehearseIngestion } from "./rehearse-ingestion.ts";
import { answersFor, patience, type RoundRehearsal, whyFailed } from "./rehearse-round.ts";
import { type ScorerRun, scorerRunOf } from "./scorer-run.ts";
import type { Ended } from "./stage.ts";

/** A run that hangs is waited for as long as its round allows: no longer than this. */
const MAX_HANG_MS = 60_000;
/** The environment of a session may have to be made first. */
const SETTING_UP_MS = 10 * 60_000;
const CHECKPOINT = "rehearsal";

/**
 * Runs a model of the rehearsal's own over the hidden inputs, by the kinds of submission that the round takes: it must end
 * with predictions, and get at neither network nor labels; and one that never ends must be stopped.
 */
export async function rehearseModel(cli: Cli, part: RoundRehearsal): Promise<void> {
  const { round, definition, add } = part;
  const limitMs = durationMs(round.limits.infer_timeout);
  for (const kind of ["code", "checkpoint"] as const) {
    if (!round.accepts.includes(kind)) continue;
    const what = `${round.name}: a model, as ${kind}`;
    if (kind === "code" && definition.ingestion) {
      await rehearseIngestion(part);
      continue;
    }
    const run = (hangs: boolean) => runProbe(cli, part, kind, probeOf(cli, part, hangs));
    await judgeProbe(cli, part, what, await run(false));
    if (kind === "checkpoint" && round.accepts.includes("code")) continue;
    if (limitMs <= MAX_HANG_MS) add(judgeHanging(`${what}, that never ends`, await run(true)));
  }
}

function probeOf(cli: Cli, part: RoundRehearsal, hangs: boolean): Probe {
  const { folder, round } = part;
  const path = join(folder, round.labels);
  const bytes = statSync(path).isFile() ? readFileSync(path) : null;
  const sha256 = bytes && createHash("sha256").update(bytes).digest("hex");
  const answers = answersFor(part);
  const [cells] = typeof answers === "string" ? [] : [...answers.constant.values()];
  const text = cells?.[0] ?? "0";
  const answer = text !== "" && Number.isFinite(Number(text)) ? Number(text) : text;
  const labels = bytes && sha256 ? { bytes: bytes.byteLength, sha256 } : null;
  return { hub: cli.api().url, labels, answer, hangs };
}

async function runProbe(
  cli: Cli,
  part: RoundRehearsal,
  kind: "code" | "checkpoint",
  probe: Probe,
): Promise<Ended> {
  const { stage, definition, round } = part;
  const withinMs = patience(definition) + durationMs(round.limits.infer_timeout) + SETTING_UP_MS;
  const folder = mkdtempSync(join(tmpdir(), "podium-probe-"));
  try {
    writeFileSync(join(folder, "main.py"), probeModel(probe));
    if (kind === "code") return await stage.submitPath("code", folder, withinMs);
    const session_id = await train(cli, part, folder, withinMs);
    return await stage.submit(asBody({ kind, session_id, checkpoint: CHECKPOINT }), withinMs);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function train(cli: Cli, { stage }: RoundRehearsal, folder: string, withinMs: number): Promise<string> {
  const team = stage.team === undefined ? {} : { team: stage.team };
  const { tree_id: code_tree } = await push(cli, folder, stage.team);
  const memo = `training of ${stage.name}`;
  const body = asBody<"/api/v1/sessions">({ ...team, code_tree, memo });
  const { id } = await ok(cli.api().POST("/api/v1/sessions", { body }));
  stage.sessions.add(id);
  await stage.until("the training of a model", withinMs, async () => {
    const session = await findSession(cli, id);
    return hasEnded(session) ? session : null;
  });
  return id;
}

async function judgeProbe(cli: Cli, part: RoundRehearsal, what: string, ended: Ended): Promise<void> {
  const { add } = part;
  add(
    ended.state === "scored"
      ? good(what, `score ${formatNumber(ended.score)}`)
      : await asFailed(cli, what, ended),
  );
  if (ended.session === null) return;
  const session = await findSession(cli, ended.session);
  const found: string[] = [];
  await printLogs(cli, session, 0, (text) => {
    if (text.startsWith(PROBED)) found.push(text.slice(PROBED.length).trim());
  });
  if (ended.state !== "scored") return;
  add(judgeFound(`${what}: isolation`, found));
}

function judgeFound(what: string, found: readonly string[]): Check {
  if (found.length === 0) return good(what, "it reached neither the hub nor a file with the labels");
  const labels = found.find((each) => each.startsWith("labels "));
  const got = [
    ...(labels ? [`found the labels at ${labels.slice("labels ".length)}`] : []),
    ...(found.includes("network") ? ["reached the hub over the network"] : []),
  ];
  return wrong(
    what,
    `it ${got.join(" and ")}: the node does not isolate what it runs. Run nodes with Docker, or with bubblewrap`,
  );
}

/** Where predictions have a form of their own, a constant is none. */
async function asFailed(cli: Cli, what: string, ended: Ended): Promise<Check> {
  const code = ended.failure?.code;
  if (code === "scorer_failed") return scorerFailed(what, await scorerRunOf(cli, ended.id));
  return code === "invalid_predictions"
    ? doubtful(what, `it ran, but its constant is not scored here (${whyFailed(ended)})`)
    : wrong(what, whyFailed(ended));
}

/** A scorer that was only tried with files may never have seen what a model's predictions look like. */
function scorerFailed(what: string, run: ScorerRun | null): Check {
  const why = run ? ` (${run.failure?.message ?? "no reason was given"} See podium logs ${run.name})` : "";
  return doubtful(
    what,
    `it ran, but your scorer fails on its predictions, which are JSON Lines of {"id": …, "prediction": …}${why}`,
  );
}

function judgeHanging(what: string, ended: Ended): Check {
  return ended.state === "failed"
    ? good(what, `stopped: ${whyFailed(ended)}`)
    : wrong(what, "it was not stopped");
}
