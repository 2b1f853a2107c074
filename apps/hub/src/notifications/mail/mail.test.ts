import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { EventOf } from "@podium/shared";
import { createPost } from "@podium/webhooks";
import { users } from "../../accounts/schema.ts";
import { apiOf } from "../../testing/api.ts";
import { startChild } from "../../testing/child.ts";
import { as, systemContext, type TestContext } from "../../testing/context.ts";
import { withRollback } from "../../testing/database.ts";
import { type Member, makeMember } from "../../testing/factories.ts";
import { deliver, settle } from "../../testing/jobs.ts";
import { mailDeliveries } from "../schema.ts";
import { deliverMail } from "./deliver.ts";
import { createMailer, type Mailer } from "./mailer.ts";
import { MAILS_A_DAY, planMail } from "./plan.ts";

const FROM = "Podium <podium@podium.test>";
const post = createPost({ allowPrivate: false });

let server: Awaited<ReturnType<typeof startChild<{ to: string[]; text: string }>>>;
let mailer: Mailer;
beforeAll(async () => {
  server = await startChild("smtp-child.ts");
  mailer = createMailer({ url: `smtp://127.0.0.1:${server.port}`, from: FROM, timeoutMs: 2_000 });
});
afterAll(() => server.stop());

const exhausted = ({ team }: Member) => ({ type: "credits.exhausted", team_id: team.id }) as const;
const stalled = (ctx: TestContext, { team }: Member, text = "It does nothing.") =>
  ({
    type: "alert.raised",
    alert_id: ctx.ids.next("alert"),
    alert: "session.stalled",
    team_id: team.id,
    text,
  }) as const;

const statesOf = async (ctx: TestContext) =>
  (await ctx.db.select().from(mailDeliveries)).map(({ state, error }) => [state, error]);

/** Puts an address into a member's account that makes the server behave so. */
async function memberAt(ctx: TestContext, email: string): Promise<Member> {
  const member = await makeMember(ctx);
  // The only user of the test's transaction.
  await ctx.db.update(users).set({ email });
  return { ...member, email };
}

/** The messages that the server has taken for an address. */
const takenFor = (email: string) => server.got.filter(({ to }) => to.includes(email));

describe("a notification", () => {
  test("is mailed to every member of its team, once, in plain text, with the way to have no more", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const [member, stranger] = [await makeMember(ctx), await makeMember(ctx)];
      await deliver(ctx, [exhausted(member)], { senders: { mailer, post } });
      const events = await settle(ctx, { senders: { mailer, post } });
      await deliver(ctx, events, { senders: { mailer, post } });
      const [message, ...more] = takenFor(member.email);
      expect(more).toEqual([]);
      expect(takenFor(stranger.email)).toEqual([]);
      const text = message?.text ?? "";
      expect(text).toContain(`From: ${FROM}`);
      expect(text).toContain("Subject: Podium: The team's credit is used up");
      expect(text).toContain("Content-Type: text/plain");
      expect(text).toContain("List-Unsubscribe: <http://podium.test/notifications>");
      expect(text.replaceAll("=\r\n", "")).toContain("podium notifications mail credits.exhausted off");
      expect(await statesOf(ctx)).toEqual([["sent", null]]);
    }));

  test("for administrators goes to them alone", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const [admin, member] = [await makeMember(ctx, "admin"), await makeMember(ctx)];
      const leak = { ...stalled(ctx, member), alert: "node.leak", team_id: null } as const;
      await deliver(ctx, [leak], { senders: { mailer, post } });
      await settle(ctx, { senders: { mailer, post } });
      expect([takenFor(admin.email).length, takenFor(member.email).length]).toEqual([1, 0]);
    }));

  test("adds no header and no recipient, whatever is in it", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const member = await memberAt(ctx, "victim@podium.test");
      const text = "x\r\nBcc: other@podium.test\r\n\r\n.\r\nRCPT TO:<other@podium.test>\r\n";
      await deliver(ctx, [stalled(ctx, member, text)], { senders: { mailer, post } });
      await settle(ctx, { senders: { mailer, post } });
      const [message] = takenFor(member.email);
      expect(message?.to).toEqual([member.email]);
      const [head] = (message?.text ?? "").split("\r\n\r\n");
      expect(head).not.toContain("other@podium.test");
      await mailer
        .send({
          to: "victim@podium.test\r\nBcc: other@podium.test, third@podium.test",
          subject: "a\r\nBcc: other@podium.test",
          text: "",
          messageId: "<a@b>",
          unsubscribeUrl: "http://podium.test",
        })
        .catch(() => undefined);
      expect(server.got.flatMap(({ to }) => to)).not.toContain("other@podium.test");
      expect(server.got.flatMap(({ to }) => to)).not.toContain("third@podium.test");
    }));

  test("is mailed to nobody who turned that off, and of more than a hundred a day no more", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const member = await makeMember(ctx);
      const { ask } = apiOf(member);
      expect((await ask("PUT", "/notifications/mail/session.stalled", { mail: false })).status).toBe(204);
      await deliver(ctx, [stalled(ctx, member)], { senders: { mailer, post } });
      await settle(ctx, { senders: { mailer, post } });
      expect(takenFor(member.email)).toEqual([]);

      await ask("PUT", "/notifications/mail/session.stalled", { mail: true });
      const none: Mailer = { send: async () => undefined };
      for (let each = 0; each <= MAILS_A_DAY; each++) {
        await deliver(ctx, [stalled(ctx, member)], { senders: { mailer: none, post } });
      }
      await settle(ctx, { senders: { mailer: none, post } });
      const states = (await statesOf(ctx)).map(([state]) => state);
      expect(states.filter((state) => state === "sent")).toHaveLength(MAILS_A_DAY);
      expect(states.filter((state) => state === "skipped")).toHaveLength(1);
    }));
});

/** A message that waits to be sent. */
async function waiting(ctx: TestContext, member: Member): Promise<EventOf<"mail.due">> {
  await deliver(ctx, [exhausted(member)]);
  for (const event of await settle(ctx))
    if (event.type === "notification.created") await planMail(ctx, event);
  const due = await settle(ctx);
  return due.find((event) => event.type === "mail.due") as EventOf<"mail.due">;
}

describe("a server", () => {
  test("that refuses for good is not asked again, and what it said is kept", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const due = await waiting(ctx, await memberAt(ctx, "gone@podium.test"));
      await deliverMail(ctx, mailer, due);
      expect(await statesOf(ctx)).toEqual([["refused", expect.stringContaining("No such user here")]]);
      await deliverMail(ctx, { send: () => Promise.reject(new Error("asked again")) }, due);
    }));

  test("that is busy, slow or down is tried again, until a day has passed", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const due = await waiting(ctx, await memberAt(ctx, "busy@podium.test"));
      await expect(deliverMail(ctx, mailer, due)).rejects.toThrow("Try again later");
      expect(await statesOf(ctx)).toEqual([["queued", expect.stringContaining("Try again later")]]);
      const down = createMailer({ url: "smtp://127.0.0.1:9", from: FROM, timeoutMs: 2_000 });
      await expect(deliverMail(ctx, down, due)).rejects.toThrow();
      ctx.clock.advance(25 * 3_600_000);
      await deliverMail(ctx, mailer, due);
      expect(await statesOf(ctx)).toEqual([["failed", expect.stringContaining("Try again later")]]);
    }));

  test("that never answers is given up waiting for, and sent to when it does", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const due = await waiting(ctx, await memberAt(ctx, "slow@podium.test"));
      const hasty = createMailer({ url: `smtp://127.0.0.1:${server.port}`, from: FROM, timeoutMs: 300 });
      await expect(deliverMail(ctx, hasty, due)).rejects.toThrow();
      expect((await statesOf(ctx))[0]?.[0]).toBe("queued");
      await ctx.db.update(users).set({ email: "quick@podium.test" });
      await deliverMail(ctx, mailer, due);
      expect(takenFor("quick@podium.test")).toHaveLength(1);
    }));

  test("gets a message from one worker at a time; one that died holds it for some minutes", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const due = await waiting(ctx, await memberAt(ctx, "claimed@podium.test"));
      const during: Mailer = {
        send: () => deliverMail(ctx, mailer, due),
      };
      await expect(deliverMail(ctx, during, due)).rejects.toThrow("Another worker");
      await deliverMail(ctx, mailer, due);
      expect(takenFor("claimed@podium.test")).toHaveLength(1);
    }));
});

test("preferences are one's own; what concerns nodes is shown to administrators alone", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const [admin, member] = [apiOf(await makeMember(ctx, "admin")), apiOf(await makeMember(ctx))];
    const kindsOf = async ({ ask }: typeof admin) =>
      (await ask("GET", "/notifications/mail")).json().kinds as { kind: string; mail: boolean }[];
    expect((await kindsOf(admin)).some(({ kind }) => kind === "node.leak")).toBe(true);
    expect((await kindsOf(member)).some(({ kind }) => kind.startsWith("node."))).toBe(false);
    await member.ask("PUT", "/notifications/mail/submission.scored", { mail: true });
    const scored = (kinds: { kind: string }[]) => kinds.find(({ kind }) => kind === "submission.scored");
    expect(scored(await kindsOf(member))).toMatchObject({ mail: true });
    expect(scored(await kindsOf(admin))).toMatchObject({ mail: false });
    expect((await member.ask("PUT", "/notifications/mail/nonsense", { mail: true })).status).toBe(400);
    const nobody = apiOf(as(ctx, { kind: "anonymous" }));
    expect((await nobody.ask("GET", "/notifications/mail")).status).toBe(401);
    expect((await nobody.ask("PUT", "/notifications/mail/node.leak", { mail: true })).status).toBe(401);
  }));
