import { type createBindingSchema, DomainError, resourcesSchema } from "@podium/shared";
import type { z } from "zod";
import { createTree, holdTree, treeEntries } from "../data/index.ts";
import type { Context } from "../platform/context.ts";
import type { Tx } from "../platform/database.ts";
import { findSession, NO_ENVIRONMENT, type SessionSpec, sameEnvironment } from "../sessions/index.ts";
import { holdCheckpoint } from "../tracking/index.ts";
import type { EndpointRow } from "./store.ts";

type Asked = Pick<z.infer<typeof createBindingSchema>, "session_id" | "checkpoint" | "onnx">;

/** What a model's sessions run. */
type Source = Pick<
  SessionSpec,
  "image" | "droppedImage" | "environment" | "codeTree" | "entrypoint" | "args" | "datasets" | "resources"
> & {
  checkpoint: { name: string; tree_id: string };
  /** its name for people */
  model: string;
  onnx?: { file: string };
};

const DEFAULT_FILE = "model.onnx";
/** Files that are named when none is the model. */
const MOST_NAMED = 10;
const SHOWN_DIGITS = 12;

/**
 * The model that a binding asks for: a checkpoint with the code that loads it, or an ONNX file, which needs none.
 * What it lies in is held. @throws DomainError `not_found`, `invalid_request`
 */
export async function findModel(
  ctx: Context,
  tx: Tx,
  endpoint: EndpointRow,
  team: { slug: string },
  asked: Asked,
): Promise<Source> {
  const { session_id, checkpoint, onnx } = asked;
  if (session_id !== undefined && checkpoint !== undefined && onnx?.tree_id === undefined) {
    const trained = await findTrained(tx, endpoint, team, session_id);
    const { name, treeId } = await holdCheckpoint(tx, trained, checkpoint);
    const saved = { name, tree_id: treeId };
    if (onnx) {
      const model = (file: string) => `${trained.name}:${name}/${file}`;
      return onnxSource(ctx, tx, endpoint, saved, model, { resources: trained.resources, ...onnx });
    }
    const { codeTree, entrypoint, args, datasets, resources } = trained;
    const code = { ...sameEnvironment(trained), codeTree, entrypoint, args, datasets, resources };
    return { ...code, checkpoint: saved, model: `${trained.name}:${name}` };
  }
  if (session_id === undefined && checkpoint === undefined && onnx?.tree_id !== undefined) {
    const { tree_id } = onnx;
    if (!(await holdTree(tx, tree_id, [endpoint.teamId])))
      throw new DomainError("not_found", `Team "${team.slug}" has no tree ${tree_id}. Push the model first.`);
    const model = (file: string) => `${file}@${tree_id.slice(0, SHOWN_DIGITS)}`;
    return onnxSource(ctx, tx, endpoint, { name: "onnx", tree_id }, model, onnx);
  }
  throw new DomainError(
    "invalid_request",
    "Name session_id and checkpoint (with onnx, an ONNX file of it), or onnx.tree_id alone.",
  );
}

async function findTrained(tx: Tx, endpoint: EndpointRow, team: { slug: string }, id: string) {
  const trained = await findSession(tx, { id });
  if (!trained || trained.removedAt || trained.teamId !== endpoint.teamId || trained.kind !== "train")
    throw new DomainError("not_found", `Team "${team.slug}" has no training session ${id}.`);
  return trained;
}

/** No code, no image, nothing to install: the runner brings the server. @param model its name, from that of the file */
async function onnxSource(
  ctx: Context,
  tx: Tx,
  { teamId }: EndpointRow,
  checkpoint: Source["checkpoint"],
  model: (file: string) => string,
  { file: wanted, resources = resourcesSchema.parse({}) }: NonNullable<Asked["onnx"]>,
): Promise<Source> {
  const file = await findFile(tx, checkpoint.tree_id, wanted);
  const { id: codeTree } = await createTree(ctx, tx, { teamId, entries: [] });
  const code = { ...NO_ENVIRONMENT, codeTree, entrypoint: file, args: [], datasets: [] };
  return { ...code, resources, checkpoint, model: model(file), onnx: { file } };
}

async function findFile(tx: Tx, treeId: string, wanted: string | undefined): Promise<string> {
  const models: string[] = [];
  for await (const { path } of treeEntries(tx, treeId)) {
    if (path === (wanted ?? DEFAULT_FILE)) return path;
    if (path.endsWith(".onnx")) models.push(path);
  }
  const [only, another] = models;
  if (wanted === undefined && only !== undefined && another === undefined) return only;
  const there = models.length > 0 ? models.slice(0, MOST_NAMED).join(", ") : "none that end in .onnx";
  throw new DomainError("not_found", `There is no file ${wanted ?? DEFAULT_FILE}. ONNX files: ${there}.`);
}
