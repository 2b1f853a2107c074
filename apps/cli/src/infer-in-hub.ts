import { setTimeout as sleep } from "node:timers/promises";
import type { Cli } from "./cli.ts";
import { ok } from "./client.ts";
import type { JsonOption } from "./command.ts";
import { EXIT } from "./errors.ts";
import { untilInterrupted } from "./follow.ts";
import { printable } from "./output.ts";
import { patiently } from "./retry.ts";
import type { BatchInference } from "./types.ts";

const LOOK_AGAIN_MS = 2_000;

interface Asked {
  dataset: string;
  output: string;
  version?: number;
}

/**
 * Has the hub predict a dataset in a session, and waits for its end unless told not to. Gives the exit code; what was
 * started goes on whatever becomes of this process.
 */
export async function inferInHub(
  cli: Cli,
  endpoint: string,
  asked: Asked,
  options: JsonOption & { wait: boolean },
): Promise<number> {
  const params = { path: { name: endpoint } };
  const batch = await ok(
    cli.api().POST("/api/v1/endpoints/{name}/batch-inferences", {
      params,
      body: asked,
    }),
  );
  const logs = `podium logs -f ${batch.session_id}`;
  cli.out.note(`${batch.id}: version ${batch.version} predicts ${batch.dataset} (its log: ${logs})`);
  const ended = options.wait
    ? await untilInterrupted((signal) => watch(cli, endpoint, batch, signal))
    : batch;
  cli.out.progress("");
  if (ended === null) {
    cli.out.note(
      `Left. It goes on: podium endpoint batches ${endpoint} – stop it: podium stop ${batch.session_id}`,
    );
    return EXIT.interrupted;
  }
  if (options.json) cli.out.json(ended);
  else cli.out.line(describeBatch(cli, ended));
  return ended.state === "failed" ? EXIT.failed : 0;
}

/** Null when the signal broke it off. A hub that is restarted meanwhile is waited for. */
async function watch(
  cli: Cli,
  endpoint: string,
  batch: BatchInference,
  signal: AbortSignal,
): Promise<BatchInference | null> {
  const path = { name: endpoint, id: batch.id };
  const session = { path: { id: batch.session_id } };
  while (!signal.aborted) {
    const now = await patiently(
      () => ok(cli.api().GET("/api/v1/endpoints/{name}/batch-inferences/{id}", { params: { path } })),
      (error) => cli.out.progress(error.message),
    );
    if (now.state !== "running") return now;
    const shown = await cli
      .api()
      .GET("/api/v1/sessions/{id}", { params: session })
      .catch(() => null);
    if (shown?.data) cli.out.progress(`${shown.data.name}: ${shown.data.state}${rows(now)}`);
    await sleep(LOOK_AGAIN_MS, undefined, { signal }).catch(() => undefined);
  }
  return null;
}

function rows({ progress }: BatchInference): string {
  return progress ? `, ${progress.done} of ${progress.total} rows` : "";
}

function describeBatch(cli: Cli, { id, state, dataset, output, output_version, failure }: BatchInference) {
  if (state === "running") return id;
  return state === "done"
    ? cli.out.paint("green", `${output}@${output_version}: the predictions of ${dataset}.`)
    : cli.out.paint("red", `Failed: ${printable(failure ?? "no reason was given")}`);
}
