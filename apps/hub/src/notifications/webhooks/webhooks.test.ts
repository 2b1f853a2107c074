import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createHmac } from "node:crypto";
import type { EventOf, PodiumEvent } from "@podium/shared";
import { createPost, type Post } from "@podium/webhooks";
import { relayEvents } from "../../platform/outbox.ts";
import { apiOf } from "../../testing/api.ts";
import { startChild } from "../../testing/child.ts";
import { as, systemContext, type TestContext } from "../../testing/context.ts";
import { withRollback } from "../../testing/database.ts";
import { type Member, makeMember } from "../../testing/factories.ts";
import { deliver, settle } from "../../testing/jobs.ts";
import { again, makeTeam } from "../../testing/teams.ts";
import { notify } from "../notify.ts";
import { webhookDeliveries } from "../schema.ts";
import { deliverWebhook } from "./deliver.ts";
import { planWebhooks } from "./plan.ts";

const DAY_MS = 86_400_000;

interface Got {
  path: string;
  headers: Record<string, string>;
  body: string;
}
let server: Awaited<ReturnType<typeof startChild<Got>>>;
beforeAll(async () => {
  server = await startChild<Got>("webhook-child.ts");
});
afterAll(() => server.stop());

/** As of a hub whose operator lets it post to this machine. */
const post = createPost({ allowPrivate: true, timeoutMs: 2_000 });
const senders = { mailer: null, post };
const options = { sendsMail: false, post, allowPrivate: true };
const at = (path: string) => `http://127.0.0.1:${server.port}${path}`;

const exhausted = ({ team }: Member) => ({ type: "credits.exhausted", team_id: team.id }) as const;

async function add(member: Member, url: string, kinds?: string[]) {
  const path = `/teams/${member.team.slug}/webhooks`;
  const answer = await apiOf(member, options).ask("POST", path, { url, ...(kinds ? { kinds } : {}) });
  expect([answer.status, answer.text]).toEqual([201, expect.any(String)]);
  return answer.json() as { id: string; secret: string };
}
const list = async (member: Member) =>
  (await apiOf(member, options).ask("GET", `/teams/${member.team.slug}/webhooks`)).json().items;

describe("a webhook", () => {
  test("gets its team's notifications once each, signed so that it can tell", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const [member, stranger] = [await makeMember(ctx), await makeMember(ctx)];
      const { secret } = await add(member, at("/ok"));
      const before = server.got.length;
      await deliver(ctx, [exhausted(member), exhausted(stranger)], { senders });
      const events = await settle(ctx, { senders });
      await deliver(ctx, events, { senders });
      const [request, ...more] = (await server.until(before + 1)).slice(before);
      expect(more).toEqual([]);
      const { headers = {}, body = "" } = request ?? {};
      expect(JSON.parse(body)).toMatchObject({
        type: "credits.exhausted",
        timestamp: "2026-01-01T12:00:00.000Z",
        data: { team: member.team.slug, text: expect.stringContaining("credit is used up") },
      });
      const signed = `${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${body}`;
      const key = Buffer.from(secret.replace("whsec_", ""), "base64");
      const signature = createHmac("sha256", key).update(signed).digest("base64");
      expect(headers["webhook-signature"]).toBe(`v1,${signature}`);
      expect(headers["webhook-timestamp"]).toBe("1767268800");
    }));

  test("gets the kinds that it asks for, and nothing once it is removed", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const member = await makeMember(ctx);
      await add(member, at("/ok"), ["submission.scored"]);
      const { id } = await add(member, at("/ok"));
      expect((await apiOf(member).ask("DELETE", `/teams/${member.team.slug}/webhooks/${id}`)).status).toBe(
        204,
      );
      await deliver(ctx, [exhausted(member)], { senders });
      await settle(ctx, { senders });
      expect(await db.select().from(webhookDeliveries)).toEqual([]);
      expect(await list(member)).toHaveLength(1);
    }));

  test("shows its secret once; only the team's owner and admins add, try and remove it", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const [own, guest, stranger] = [await makeMember(ctx), await makeMember(ctx), await makeMember(ctx)];
      const owner = await makeTeam(own, guest);
      const { slug } = owner.team;
      const member = await again(guest);
      const { id, secret } = await add(owner, at("/ok"));
      const path = `/teams/${slug}/webhooks`;
      const shown = await apiOf(member).ask("GET", path);
      expect([shown.status, shown.json().items.length]).toEqual([200, 1]);
      expect(shown.text).not.toContain(secret);
      for (const who of [member, stranger]) {
        const { ask } = apiOf(who, options);
        expect((await ask("POST", path, { url: at("/ok") })).status).toBe(403);
        expect((await ask("POST", `${path}/${id}/test`)).status).toBe(403);
        expect((await ask("DELETE", `${path}/${id}`)).status).toBe(403);
      }
      expect((await apiOf(stranger).ask("GET", path)).status).toBe(403);
      const others = `/teams/${stranger.team.slug}/webhooks/${id}`;
      expect((await apiOf(stranger).ask("DELETE", others)).status).toBe(404);
      expect((await apiOf(as(ctx, { kind: "anonymous" })).ask("GET", path)).status).toBe(401);
    }));
});

test("a test message says how it went, a few times a minute", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const member = await makeMember(ctx);
    const tryOut = async (path: string) => {
      const { id } = await add(member, at(path));
      return apiOf(member, options).ask("POST", `/teams/${member.team.slug}/webhooks/${id}/test`);
    };
    expect((await tryOut("/ok")).json()).toEqual({ delivered: true, status: 200, error: null });
    expect((await tryOut("/big")).json()).toMatchObject({ delivered: true });
    expect((await tryOut("/down")).json()).toMatchObject({ delivered: false, status: 503 });
    expect((await tryOut("/elsewhere")).json()).toMatchObject({
      status: 307,
      error: expect.stringContaining("Redirects are not followed"),
    });
    expect((await tryOut("/slow")).json()).toEqual({
      delivered: false,
      status: null,
      error: "It did not answer within 2 s.",
    });
    const tooMany = await tryOut("/ok");
    expect([tooMany.status, tooMany.json().code]).toEqual([429, "limit_reached"]);
    ctx.clock.advance(61_000);
    expect((await tryOut("/ok")).status).toBe(200);
  }));

/** A message to a webhook at this address that waits to be posted. */
async function waiting(ctx: TestContext, member: Member, url: string): Promise<EventOf<"webhook.due">> {
  await add(member, url);
  await notify(ctx, exhausted(member));
  const created = await relayed(ctx, "notification.created");
  await planWebhooks(ctx, created);
  return relayed(ctx, "webhook.due");
}

async function relayed<T extends PodiumEvent["type"]>(ctx: TestContext, type: T): Promise<EventOf<T>> {
  const seen: PodiumEvent[] = [];
  await relayEvents(ctx, async (batch) => void seen.push(...batch.map(({ event }) => event)));
  return seen.findLast((event) => event.type === type) as EventOf<T>;
}

const statesOf = async (ctx: TestContext) =>
  (await ctx.db.select().from(webhookDeliveries)).map(({ state, tries, status }) => [state, tries, status]);

describe("a message that does not get through", () => {
  test("is thrown back to the queue for a day, then given up; it arrives when the address is back", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const member = await makeMember(ctx);
      const due = await waiting(ctx, member, at("/down"));
      await expect(deliverWebhook(ctx, post, due)).rejects.toThrow("It answered 503");
      expect(await list(member)).toMatchObject([{ state: "failing", last_error: "It answered 503." }]);
      await deliverWebhook(ctx, async () => 204, due);
      expect(await statesOf(ctx)).toEqual([["sent", 2, 204]]);
      expect(await list(member)).toMatchObject([{ state: "active", last_error: null }]);
    }));

  test("is given up after a day, and the webhook turned off after three, with word of it", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const member = await makeMember(ctx);
      const due = await waiting(ctx, member, at("/down"));
      await expect(deliverWebhook(ctx, post, due)).rejects.toThrow();
      ctx.clock.advance(DAY_MS + 1);
      await deliverWebhook(ctx, post, due);
      expect(await statesOf(ctx)).toEqual([["failed", 2, 503]]);
      ctx.clock.advance(2 * DAY_MS);
      await deliver(ctx, [exhausted(member)], { senders });
      await expect(settle(ctx, { senders })).rejects.toThrow("It answered 503");
      expect(await list(member)).toMatchObject([{ state: "disabled" }]);
      const notes = (await apiOf(member).ask("GET", "/notifications")).json().items;
      expect(notes[0]).toMatchObject({
        kind: "webhook.disabled",
        text: expect.stringMatching(/was turned off: nothing got through\. It answered 503\./),
      });
    }));

  test("to an address that says it is gone turns the webhook off at once", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const member = await makeMember(ctx);
      const due = await waiting(ctx, member, at("/gone"));
      await deliverWebhook(ctx, post, due);
      await deliverWebhook(ctx, post, due);
      expect(await list(member)).toMatchObject([{ state: "disabled" }]);
      expect(await statesOf(ctx)).toEqual([["failed", 1, 410]]);
    }));

  test("goes through again once the webhook that was turned off is turned on, by its owner alone", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const [member, stranger] = [await makeMember(ctx), await makeMember(ctx)];
      await deliverWebhook(ctx, post, await waiting(ctx, member, at("/gone")));
      const [{ id }] = await list(member);
      const path = `/teams/${member.team.slug}/webhooks/${id}/enable`;
      expect((await apiOf(stranger).ask("POST", path)).status).toBe(403);
      const nothing = path.replace(id, `whk_${"0".repeat(32)}`);
      expect((await apiOf(member).ask("POST", nothing)).status).toBe(404);
      const on = await apiOf(member).ask("POST", path);
      expect([on.status, on.json().state]).toEqual([200, "active"]);
      expect(await list(member)).toMatchObject([{ state: "active" }]);
      ctx.clock.advance(DAY_MS);
      await deliver(ctx, [exhausted(member)], { senders: { mailer: null, post: async () => 200 } });
      await settle(ctx, { senders: { mailer: null, post: async () => 200 } });
      expect((await statesOf(ctx)).map(([state]) => state)).toContain("sent");

      ctx.clock.advance(DAY_MS);
      await deliver(ctx, [exhausted(member)], { senders });
      await settle(ctx, { senders });
      expect(await list(member)).toMatchObject([{ state: "disabled" }]);
      const notes: { kind: string }[] = (await apiOf(member).ask("GET", "/notifications")).json().items;
      expect(notes.filter(({ kind }) => kind === "webhook.disabled")).toHaveLength(2);
    }));

  test("is posted by one worker at a time", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const due = await waiting(ctx, await makeMember(ctx), at("/ok"));
      const within: Post = async () => {
        await expect(deliverWebhook(ctx, post, due)).rejects.toThrow("Another worker");
        return 200;
      };
      await deliverWebhook(ctx, within, due);
      expect(await statesOf(ctx)).toEqual([["sent", 1, 200]]);
    }));
});

describe("the hub's own network", () => {
  test("is reached by no webhook, whether its address says so or its name leads there", async () => {
    const strict = createPost({ allowPrivate: false, timeoutMs: 2_000 });
    const before = server.got.length;
    const { port } = server;
    const urls = [
      at("/ok"),
      `http://localhost:${port}/ok`,
      `http://[::1]:${port}/ok`,
      `http://[::ffff:127.0.0.1]:${port}/ok`,
      `http://2130706433:${port}/ok`,
      `http://0x7f.1:${port}/ok`,
      `http://0.0.0.0:${port}/ok`,
      "http://169.254.169.254/latest/meta-data",
      "http://10.0.0.1/",
    ];
    for (const url of urls)
      await expect(strict(url, {}, "{}")).rejects.toThrow("not one of the public internet");
    await expect(strict("http://no-such-host.invalid/", {}, "{}")).rejects.toThrow();
    expect(server.got.length).toBe(before);
  });

  test("can't be named when a webhook is added, unless the operator allows it", () =>
    withRollback(async (db) => {
      const member = await makeMember(systemContext(db));
      const { ask } = apiOf(member);
      for (const url of [
        "http://127.0.0.1/",
        "http://localhost/",
        "http://[::1]/",
        "http://10.0.0.1/",
        "https://name:password@example.org/",
        "ftp://example.org/",
        "file:///etc/passwd",
        "nonsense",
      ])
        expect([url, (await ask("POST", `/teams/${member.team.slug}/webhooks`, { url })).status]).toEqual([
          url,
          400,
        ]);
      for (let each = 0; each < 20; each++) await add(member, "https://example.org/hook");
      const one = await ask("POST", `/teams/${member.team.slug}/webhooks`, {
        url: "https://example.org/hook",
      });
      expect(one.json()).toMatchObject({ code: "limit_reached" });
    }));
});
