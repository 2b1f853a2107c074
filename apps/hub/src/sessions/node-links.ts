import { type HubMessage, type PodiumEvent, runnerMessageSchema } from "@podium/shared";
import type { Context } from "../platform/context.ts";
import { assignmentsOf, type DescribeServing } from "./assignments.ts";
import { type NodeEvents, receiveFromNode } from "./heartbeat.ts";

/** The part of a WebSocket that a link needs. */
export interface Socket {
  send(text: string): void;
  close(code?: number, reason?: string): void;
}

/**
 * The nodes connected to this hub. Messages of one node are handled one after the other; a newer connection of
 * a node replaces the older one. Nothing is kept here that the database does not know.
 */
export function createNodeLinks(ctx: Context, describeServing: DescribeServing, notify: NodeEvents) {
  const links = new Map<string, { socket: Socket; tail: Promise<void> }>();

  const send = (socket: Socket, message: HubMessage) => socket.send(JSON.stringify(message));

  function enqueue(nodeId: string, work: (socket: Socket) => Promise<void>) {
    const link = links.get(nodeId);
    if (!link) return;
    link.tail = link.tail
      .then(() => work(link.socket))
      .catch((error: unknown) => {
        // The node sends everything again with its next heartbeat.
        ctx.log.error({ err: error, node: nodeId }, "a message of a node could not be handled");
      });
  }

  async function push(nodeId: string, socket: Socket) {
    const attempts = await assignmentsOf(ctx, nodeId, describeServing);
    send(socket, { type: "sync", answers: null, lease_ms: ctx.settings.leaseMs, attempts });
  }

  return {
    open(nodeId: string, socket: Socket) {
      links.get(nodeId)?.socket.close(4000, "this node has connected again");
      links.set(nodeId, { socket, tail: Promise.resolve() });
      ctx.log.info({ node: nodeId }, "node connected");
    },
    close(nodeId: string, socket: Socket) {
      if (links.get(nodeId)?.socket !== socket) return;
      links.delete(nodeId);
      ctx.log.info({ node: nodeId }, "node disconnected");
    },
    receive(nodeId: string, text: string) {
      const parsed = runnerMessageSchema.safeParse(parseJson(text));
      if (!parsed.success) {
        ctx.log.warn(
          { node: nodeId, problem: parsed.error.issues[0] },
          "a node sent a message that is not of the protocol",
        );
        return;
      }
      enqueue(nodeId, async (socket) =>
        send(socket, await receiveFromNode(ctx, nodeId, parsed.data, describeServing, notify)),
      );
    },
    /** Tells a node at once about what was placed on it or is to stop. */
    react(event: PodiumEvent) {
      if ((event.type === "session.placed" || event.type === "session.stopping") && event.node_id) {
        const nodeId = event.node_id;
        enqueue(nodeId, (socket) => push(nodeId, socket));
      }
    },
    /** Lets go of every node; returns once what they had said is handled, so that the database may close. */
    async closeAll() {
      const closing = [...links.values()];
      links.clear();
      for (const { socket } of closing) socket.close(1001, "this hub is shutting down");
      await Promise.all(closing.map(({ tail }) => tail));
    },
  };
}
export type NodeLinks = ReturnType<typeof createNodeLinks>;

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
