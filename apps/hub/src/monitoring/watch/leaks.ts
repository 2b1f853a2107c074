import type { NodeUsage } from "@podium/shared";
import type { Context } from "../../platform/context.ts";
import type { Finding } from "./judge.ts";
import { attemptsNamed, heldNow } from "./store.ts";

const MIB = 1024 ** 2;
/** More than a driver keeps for itself on a GPU that nobody uses. */
const IDLE_MEMORY_BYTES = 1024 * MIB;
/** Ends are confirmed and reported within seconds; what is there for longer is left over. */
const LASTS_MS = 120_000;

interface Heard {
  id: string;
  name: string;
  usage: NodeUsage;
  strays: readonly string[];
}
type Held = Awaited<ReturnType<typeof heldNow>>;
type Known = Awaited<ReturnType<typeof attemptsNamed>>;

/** What is left on nodes of attempts that have ended, and what uses GPUs that it was not given. */
export async function findLeaks(ctx: Context, nodes: readonly Heard[]): Promise<Finding[]> {
  const named = nodes.flatMap(({ usage, strays }) => [
    ...strays,
    ...usage.attempts.map((each) => each.attempt_id),
    ...usage.processes.flatMap((each) => each.attempt_id ?? []),
  ]);
  const known = await attemptsNamed(ctx.db, [...new Set<string>(named)]);
  const held = await heldNow(ctx.db);
  return nodes.flatMap((node) => [
    ...leftAttempts(node, known),
    ...strangersOnGpus(node, known, held),
    ...unownedMemory(node, held),
  ]);
}

/** Attempts whose processes outlived them, and attempts that the runner goes on with after it was told to end them. */
function leftAttempts(node: Heard, known: Known): Finding[] {
  // Builds carry marks too, and other hubs' runners may share the machine: only what this hub knows has ended is left.
  const outlived = node.usage.attempts
    .map((each): string => each.attempt_id)
    .filter((id) => known.get(id)?.isLive === false);
  return [...new Set([...node.strays, ...outlived])].map((id) => {
    const session = known.get(id)?.session ?? "a session that this hub does not know";
    return leak(
      node,
      `attempt ${id}`,
      `Processes of ${session} (attempt ${id}) are still on node ${node.name}, though it has ended there. Restarting the node's runner removes them.`,
    );
  });
}

function strangersOnGpus(node: Heard, known: Known, held: Held): Finding[] {
  return node.usage.processes.flatMap(({ device, pid, memory_bytes, attempt_id }) => {
    const size = memory_bytes === null ? "" : ` (${Math.round(memory_bytes / MIB)} MiB)`;
    const where = `Process ${pid} on node ${node.name} uses GPU ${device}${size}`;
    const attempt = attempt_id === null ? undefined : known.get(attempt_id);
    const subject = `process ${pid} on ${device}`;
    if (!attempt?.isLive) return [leak(node, subject, `${where} and belongs to no session that runs.`)];
    const isIts = held.some(
      (each) => each.attemptId === attempt_id && each.nodeId === node.id && each.index === device,
    );
    return isIts
      ? []
      : [leak(node, subject, `${where}, which ${attempt.session}, its session, was not given.`)];
  });
}

/** Memory that no process can be named for: what a broken driver or a container out of sight holds. */
function unownedMemory(node: Heard, held: Held): Finding[] {
  return node.usage.devices
    .filter(({ index, memory_bytes }) => {
      const isHeld = held.some((each) => each.nodeId === node.id && each.index === index);
      const isExplained = node.usage.processes.some((each) => each.device === index);
      return !isHeld && !isExplained && memory_bytes > IDLE_MEMORY_BYTES;
    })
    .map(({ index, memory_bytes }) =>
      leak(
        node,
        `memory of ${index}`,
        `${Math.round(memory_bytes / MIB)} MiB of GPU ${index} on node ${node.name} are in use, though no session holds it and no process is seen on it.`,
      ),
    );
}

function leak(node: Heard, subject: string, text: string): Finding {
  return {
    kind: "node.leak",
    subject: `${node.id} ${subject}`,
    teamId: null,
    nodeId: node.id,
    sessionId: null,
    text,
    lastsMs: LASTS_MS,
  };
}
