import type { NodeCapacity } from "@podium/shared";
import { listNodes } from "../nodes/index.ts";
import type { Tx } from "../platform/database.ts";
import { type Needs, type NodeSupply, nearest, partsHeld, refusalOf } from "../scheduling/index.ts";
import { gpuModels } from "./gpu-models.ts";

/** A lost node is waited for so long; one that has been away for longer may never come back. */
export const WORTH_WAITING_DAYS = 7;
const DAY_MS = 86_400_000;

/** True when sessions may name a container image to run in. */
export function runsImages(capacity: NodeCapacity | null): boolean {
  return capacity?.executors.includes("docker") ?? false;
}

/** True when the node's operator lets members of gangs in. */
export function takesGangs(capacity: NodeCapacity | null): boolean {
  return capacity?.gangs !== undefined;
}

/** As the scheduler asks; of a gang each node must take one part at least. */
type Wanted = Needs & { parts?: number };

/**
 * Every node that counts, with what it would lack for a session if nothing else ran there; those first that miss it
 * most narrowly. Nodes that drain or are lost count too: they come back. Not those lost for a week.
 */
export async function lacksWhenEmpty(
  tx: Tx,
  wanted: Wanted,
  now: Date,
): Promise<{ node: string; reason: string | null }[]> {
  const known = await nodesThatCount(tx, now);
  const needs = asNamedBy(known, wanted);
  const lacking = nearest(known, needs);
  const isLacking = new Set(lacking);
  const fits = known.filter((node) => !isLacking.has(node));
  return [...fits, ...lacking].map((node) => ({ node: node.name, reason: refusalOf(node, needs) }));
}

/** How many parts of a gang the nodes that count, all but `left`, would take together if nothing else ran there. */
export async function partsWhenEmpty(tx: Tx, needs: Wanted, now: Date, left?: string): Promise<number> {
  const known = (await nodesThatCount(tx, now)).filter(({ id }) => id !== left);
  return partsHeld(known, asNamedBy(known, needs));
}

/** The models of the GPUs that nodes which count have. */
export async function knownModels(tx: Tx, now: Date): Promise<string[]> {
  return modelsOf(await nodesThatCount(tx, now)).names;
}

function asNamedBy(nodes: readonly NodeSupply[], wanted: Wanted): Wanted {
  return { ...wanted, resources: modelsOf(nodes).in(wanted.resources) };
}

function modelsOf(nodes: readonly NodeSupply[]) {
  return gpuModels(nodes.flatMap(({ devices }) => devices.map(({ model }) => model)));
}

async function nodesThatCount(tx: Tx, now: Date): Promise<NodeSupply[]> {
  const since = new Date(now.getTime() - WORTH_WAITING_DAYS * DAY_MS);
  return (await listNodes(tx)).flatMap(({ node: { id, name, capacity, state, lastSeenAt } }) => {
    const isGone = state === "lost" && lastSeenAt !== null && lastSeenAt < since;
    return capacity && !isGone ? [emptyNode(id, name, capacity)] : [];
  });
}

function emptyNode(id: string, name: string, capacity: NodeCapacity): NodeSupply {
  const none: ReadonlySet<string> = new Set();
  return {
    id,
    name,
    freeCpuMilli: capacity.cpu_milli,
    freeMemoryBytes: capacity.memory_bytes,
    devices: capacity.devices.map(({ uuid, model }) => ({ id: uuid, model, freeMilli: 1000 })),
    runsImages: runsImages(capacity),
    takesGangs: takesGangs(capacity),
    draining: false,
    rack: null,
    cached: none,
    environments: none,
    images: none,
    bandwidth: 1,
  };
}
