import { expect, test } from "bun:test";
import { type HubMessage, RUNNER_PROTOCOL } from "@podium/shared";
import { findNode } from "../nodes/index.ts";
import { as, systemContext, type TestContext } from "../testing/context.ts";
import { withDatabase } from "../testing/database.ts";
import {
  makeMember,
  makeNode,
  makeRunningSession,
  makeSession,
  place,
  reload,
  reportOf,
} from "../testing/factories.ts";
import { createNodeLinks } from "./node-links.ts";
import { stopSession } from "./stop.ts";

/** The hub's end of a WebSocket: remembers what was sent. */
function fakeSocket() {
  const sent: HubMessage[] = [];
  const closed: number[] = [];
  return {
    sent,
    closed,
    send: (text: string) => void sent.push(JSON.parse(text)),
    close: (code = 1000) => void closed.push(code),
  };
}

const linksOf = (ctx: TestContext) =>
  createNodeLinks(as(ctx, { kind: "system" }), async () => new Map(), { replica: async () => undefined });

const hello = JSON.stringify({
  type: "hello",
  protocol: RUNNER_PROTOCOL,
  capacity: { cpu_milli: 8000, memory_bytes: 2 ** 34, devices: [], executors: ["process"] },
  attempts: [],
});
const heartbeatAt = (sent_at: string, attempts: unknown[] = []) =>
  JSON.stringify({
    type: "heartbeat",
    sent_at,
    attempts,
    usage: { cpu_share: 0, memory_bytes: 0, disk_free_bytes: 0, devices: [] },
  });

test("a node says hello, sends heartbeats, and each is answered", () =>
  withDatabase(async ({ db }) => {
    const ctx = systemContext(db);
    const nodeId = await makeNode(ctx);
    const links = linksOf(ctx);
    const socket = fakeSocket();
    const link = links.open(nodeId, socket);
    link.receive(hello);
    link.receive(heartbeatAt("2026-01-01T12:00:00Z"));
    await links.closeAll();
    expect(socket.sent).toMatchObject([
      { type: "sync", answers: null },
      { type: "sync", answers: "2026-01-01T12:00:00Z" },
    ]);
    expect((await findNode(db, { id: nodeId }))?.capacity?.cpu_milli).toBe(8000);
    expect(socket.closed).toEqual([1001]);
  }));

test("what arrives while one message is handled is answered once, by its newest: nothing piles up", () =>
  withDatabase(async ({ db }) => {
    const ctx = systemContext(db);
    const session = await makeRunningSession(await makeMember(ctx));
    const links = linksOf(ctx);
    const socket = fakeSocket();
    const link = links.open(session.nodeId ?? "", socket);
    const ended = { state: "ended", exit_code: 0, final_seq: 0 } as const;
    for (let second = 10; second < 60; second++) {
      const report = reportOf(ctx, session, second === 59 ? ended : {});
      link.receive(heartbeatAt(`2026-01-01T12:00:${second}Z`, [report]));
    }
    await links.closeAll();
    expect(socket.sent.length).toBeLessThanOrEqual(2);
    expect(socket.sent.at(-1)).toMatchObject({ answers: "2026-01-01T12:00:59Z", attempts: [] });
    expect((await reload(ctx, session)).state).toBe("succeeded");
  }));

test("a message that is not of the protocol is passed over; so is one that can't be handled", () =>
  withDatabase(async ({ db }) => {
    const ctx = systemContext(db);
    const nodeId = await makeNode(ctx);
    const links = linksOf(ctx);
    const socket = fakeSocket();
    const link = links.open(nodeId, socket);
    for (const text of ["", "{", '{"type":"heartbeat"}', '{"type":"surprise"}', "[object ArrayBuffer]"])
      link.receive(text);
    link.receive(hello);
    await links.closeAll();
    expect(socket.sent).toHaveLength(1);

    const broken = createNodeLinks({ ...ctx, db: undefined as never }, async () => new Map(), {
      replica: async () => undefined,
    });
    const other = fakeSocket();
    broken.open(nodeId, other).receive(hello);
    await broken.closeAll();
    expect(other.sent).toEqual([]);
  }));

test("a node that connects again replaces its older connection, whose messages count no more", () =>
  withDatabase(async ({ db }) => {
    const ctx = systemContext(db);
    const nodeId = await makeNode(ctx);
    const links = linksOf(ctx);
    const [first, second] = [fakeSocket(), fakeSocket()];
    const older = links.open(nodeId, first);
    const newer = links.open(nodeId, second);
    expect(first.closed).toEqual([4000]);
    older.receive(heartbeatAt("2026-01-01T12:00:01Z"));
    older.close();
    newer.receive(heartbeatAt("2026-01-01T12:00:02Z"));
    await links.closeAll();
    expect(first.sent).toEqual([]);
    expect(second.sent).toMatchObject([{ answers: "2026-01-01T12:00:02Z" }]);
  }));

test("a node hears at once of what is placed on it and of what is to stop; one that is gone is not written to", () =>
  withDatabase(async ({ db }) => {
    const ctx = systemContext(db);
    const session = await makeSession(await makeMember(ctx));
    const nodeId = await makeNode(ctx);
    const links = linksOf(ctx);
    const socket = fakeSocket();
    const link = links.open(nodeId, socket);
    await place(ctx);
    const { attemptId, teamId } = await reload(ctx, session);
    const ids = {
      session_id: session.id as `ses_${string}`,
      team_id: teamId as `tem_${string}`,
      node_id: nodeId,
    };
    links.react({ type: "session.placed", ...ids, attempt_id: attemptId as `att_${string}` });
    while (socket.sent.length < 1) await Bun.sleep(5);
    await db.transaction((tx) => stopSession(ctx, tx, session.id, "asked"));
    links.react({ type: "session.stopping", ...ids });
    while (socket.sent.length < 2) await Bun.sleep(5);
    link.close();
    links.react({ type: "session.stopping", ...ids });
    await links.closeAll();
    expect(socket.sent).toMatchObject([
      { answers: null, attempts: [{ desired: "run" }] },
      { answers: null, attempts: [{ desired: "stop" }] },
    ]);
  }));
