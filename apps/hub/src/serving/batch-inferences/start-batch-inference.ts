import { DomainError, type Id, type StartBatchInference } from "@podium/shared";
import { outputDataset, resolveVersion } from "../../data/index.ts";
import type { Context } from "../../platform/context.ts";
import type { Tx } from "../../platform/database.ts";
import { enqueueSession, findSession, sameEnvironment } from "../../sessions/index.ts";
import { type BindingRow, bindingsOf, type EndpointRow } from "../store.ts";
import { sharesOf } from "../traffic/shares.ts";
import { insertBatchInference } from "./store.ts";

/**
 * Queues a session that predicts every row of a dataset's version with the model of one of the endpoint's versions. It is
 * paid and seen by the endpoint's team; its end is taken up by `finishBatchInference`.
 * @throws DomainError `not_found`; `conflict`: an ONNX version; as `resolveMount`, `outputDataset`, `enqueueSession`
 */
export async function startBatchInference(
  ctx: Context,
  tx: Tx,
  endpoint: EndpointRow,
  team: { id: string; slug: string },
  asked: StartBatchInference,
): Promise<Id<"batchInference">> {
  const binding = chosenVersion(endpoint, await bindingsOf(tx, endpoint.id), asked.version);
  const model = await modelOf(tx, endpoint, binding);
  const { mount, fullName: dataset } = await resolveVersion(ctx, tx, asked.dataset, team);
  const outputDatasetId = await outputDataset(ctx, tx, team, asked.output);
  const id = ctx.ids.next("batchInference");
  const session = await enqueueSession(ctx, tx, {
    ...model,
    team: { id: team.id as Id<"team">, slug: team.slug },
    kind: "infer",
    memo: `batch inference of ${endpoint.name} over ${dataset}`,
    timeoutMs: asked.timeout_ms,
    priority: 0,
    origin: id,
    input: { tree_id: mount.tree_id, id_field: "id", each_file: true },
  });
  await insertBatchInference(tx, {
    id,
    endpointId: endpoint.id,
    bindingId: binding.id,
    sessionId: session.id,
    dataset,
    outputDatasetId,
    output: asked.output,
    state: "running",
    createdBy: ctx.actor.kind === "user" ? ctx.actor.userId : null,
    createdAt: ctx.clock.now(),
  });
  return id;
}

/** The version asked for; else the one that answers most callers; else the newest that has not failed. */
function chosenVersion(
  { name }: EndpointRow,
  rows: readonly BindingRow[],
  asked: number | undefined,
): BindingRow {
  const [most] = sharesOf(rows).sort((a, b) => b.percent - a.percent || b.version - a.version);
  const wanted = asked ?? most?.version;
  const row =
    wanted === undefined
      ? rows.findLast(({ state }) => state !== "failed")
      : rows.find(({ version }) => version === wanted);
  if (row) return row;
  throw new DomainError(
    "not_found",
    asked === undefined
      ? `"${name}" has no version that could predict. Bind a model: podium endpoint bind ${name} …`
      : `"${name}" has no version ${asked}. podium endpoint show ${name} lists them.`,
  );
}

/** What its replicas are made of, which its first serve session tells. */
async function modelOf(tx: Tx, { name }: EndpointRow, { sessionId, version }: BindingRow) {
  const serve = sessionId ? await findSession(tx, { id: sessionId }) : null;
  if (!serve?.checkpoint || serve.removedAt)
    throw new DomainError(
      "not_found",
      `The session that version ${version} of "${name}" was bound with is gone: bind the model again.`,
    );
  if (serve.serving?.onnx)
    throw new DomainError(
      "conflict",
      `Version ${version} of "${name}" is an ONNX file, which no code of its team loads. Ask the endpoint instead: podium infer ${name} --dataset … --output … without --in-hub.`,
    );
  const { codeTree, entrypoint, args, datasets, resources, checkpoint } = serve;
  return { ...sameEnvironment(serve), codeTree, entrypoint, args, datasets, resources, checkpoint };
}
