import { type HubMessage, type PodiumEvent, type RunnerMessage, runnerMessageSchema } from "@podium/shared";
import type { Context } from "../platform/context.ts";
import { assignmentsOf, type DescribeServing } from "./assignments.ts";
import { type NodeEvents, receiveFromNode } from "./heartbeat.ts";
import { streamsOf } from "./streams/awaited.ts";

/** Events that a node must hear of at once. */
const PUSHED: ReadonlySet<string> = new Set(["session.placed", "session.stopping", "session.stream"]);

/** The part of a WebSocket that a link needs. */
export interface Socket {
  send(text: string): void;
  close(code?: number, reason?: string): void;
}

/** One connection of a node. */
export interface NodeLink {
  /** Resolves when nothing that this node said is left to handle. */
  receive(text: string): Promise<void>;
  close(): void;
}

/** What a link still has to do. A newer message says all that an older one of its kind said, and takes its place. */
interface Waiting {
  hello?: RunnerMessage;
  heartbeat?: RunnerMessage;
  push?: true;
}

interface LinkState {
  socket: Socket;
  waiting: Waiting;
  /** resolves when nothing of the node is being handled */
  idle: Promise<void>;
  working: boolean;
}

/**
 * The nodes connected to this hub. Messages of one node are handled one after the other; a newer connection of
 * a node replaces the older one. Nothing is kept here that the database does not know.
 */
export function createNodeLinks(ctx: Context, describeServing: DescribeServing, notify: NodeEvents) {
  const links = new Map<string, LinkState>();

  function add(nodeId: string, link: LinkState, what: Waiting): Promise<void> {
    Object.assign(link.waiting, what);
    if (link.working) return link.idle;
    link.working = true;
    link.idle = link.idle.then(() => workOff(nodeId, link));
    return link.idle;
  }

  async function workOff(nodeId: string, link: LinkState): Promise<void> {
    for (let task = takeNext(link.waiting); task; task = takeNext(link.waiting)) {
      try {
        link.socket.send(JSON.stringify(await answer(nodeId, task)));
      } catch (error) {
        // The node sends everything again with its next heartbeat.
        ctx.log.error({ err: error, node: nodeId }, "a message of a node could not be handled");
      }
    }
    link.working = false;
  }

  async function answer(nodeId: string, task: RunnerMessage | "push"): Promise<HubMessage> {
    if (task !== "push") return receiveFromNode(ctx, nodeId, task, describeServing, notify);
    const attempts = await assignmentsOf(ctx, nodeId, describeServing);
    const streams = await streamsOf(ctx, nodeId);
    return { type: "sync", answers: null, lease_ms: ctx.settings.leaseMs, attempts, streams };
  }

  return {
    open(nodeId: string, socket: Socket): NodeLink {
      const older = links.get(nodeId);
      older?.socket.close(4000, "this node has connected again");
      const link = { socket, waiting: {}, idle: older?.idle ?? Promise.resolve(), working: false };
      links.set(nodeId, link);
      ctx.log.info({ node: nodeId }, "node connected");
      return {
        async receive(text) {
          if (links.get(nodeId) !== link) return;
          const parsed = runnerMessageSchema.safeParse(parseJson(text));
          if (parsed.success) return add(nodeId, link, { [parsed.data.type]: parsed.data });
          ctx.log.warn(
            { node: nodeId, problem: parsed.error.issues[0] },
            "a node sent a message that is not of the protocol",
          );
        },
        close() {
          if (links.get(nodeId) !== link) return;
          links.delete(nodeId);
          ctx.log.info({ node: nodeId }, "node disconnected");
        },
      };
    },
    /** Tells a node at once what was placed on it, is to stop, or is to be entered; resolves when it has been told. */
    async react(event: PodiumEvent): Promise<void> {
      if (!("node_id" in event) || !PUSHED.has(event.type)) return;
      const link = event.node_id ? links.get(event.node_id) : undefined;
      if (link && event.node_id) await add(event.node_id, link, { push: true });
    },
    /** Lets go of every node; returns once what they had said is handled, so that the database may close. */
    async closeAll() {
      const closing = [...links.values()];
      links.clear();
      for (const { socket } of closing) socket.close(1001, "this hub is shutting down");
      await Promise.all(closing.map(({ idle }) => idle));
    },
  };
}
export type NodeLinks = ReturnType<typeof createNodeLinks>;

/** A hello comes before what is said after it. The answer to any message tells all that a push would. */
function takeNext(waiting: Waiting): RunnerMessage | "push" | null {
  const { hello, heartbeat, push } = waiting;
  delete waiting.push;
  if (hello) {
    delete waiting.hello;
    return hello;
  }
  delete waiting.heartbeat;
  return heartbeat ?? (push ? "push" : null);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
