import { expect, test } from "bun:test";
import type { EventOf } from "@podium/shared";
import { failSubmission } from "../competitions/index.ts";
import { stopSession } from "../sessions/index.ts";
import { apiOf } from "../testing/api.ts";
import { as, systemContext } from "../testing/context.ts";
import { withRollback } from "../testing/database.ts";
import {
  ENDED,
  type Member,
  makeCompetition,
  makeEntrant,
  makeMember,
  makeNode,
  makeRunningSession,
  makeSession,
  place,
  reload,
  report,
} from "../testing/factories.ts";
import { settle } from "../testing/jobs.ts";
import { reloadSubmission, submitCheckpoint, submitFile } from "../testing/submissions.ts";
import { notify } from "./notify.ts";

const raised = { code: "user_error", message: "It raised KeyError.", location: null, hint: null } as const;
type Note = { kind: string; subject: string; text: string };

async function notesOf(member: Member): Promise<Note[]> {
  return (await apiOf(member).ask("GET", "/notifications")).json().items;
}
const ended = (member: Member, session: { id: string }): EventOf<"session.ended"> => ({
  type: "session.ended",
  session_id: session.id as `ses_${string}`,
  team_id: member.team.id,
  node_id: null,
});

test("a team hears of a session that failed, with the reason, once; another team does not", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const [member, stranger] = [await makeMember(ctx), await makeMember(ctx)];
    const session = await makeRunningSession(member);
    await report(ctx, session, { ...ENDED, exit_code: 1, failure: raised });
    for (let time = 0; time < 3; time++) await notify(ctx, ended(member, session));
    expect(await notesOf(member)).toMatchObject([
      { kind: "session.ended", subject: session.id, text: `${session.name} failed: It raised KeyError.` },
    ]);
    expect(await notesOf(stranger)).toEqual([]);
  }));

test("sessions that end well, or because their team stopped them, are no news", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const member = await makeMember(ctx);
    const good = await makeRunningSession(member);
    await report(ctx, good, ENDED);
    const stopped = await makeSession(member);
    await db.transaction((tx) => stopSession(member, tx, stopped.id, "asked"));
    for (const session of [good, stopped]) await notify(ctx, ended(member, session));
    await notify(ctx, ended(member, { id: ctx.ids.next("session") }));
    expect(await notesOf(member)).toEqual([]);
  }));

test("a submission that fails is told as the submission; of the hidden session behind it nothing is heard", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { name, organizer } = await makeCompetition(ctx);
    const entrant = await makeEntrant(ctx, name);
    const submission = await submitCheckpoint(entrant, name);
    await db.transaction((tx) => stopSession(entrant, tx, submission.sessionId ?? "", "trained"));
    await settle(ctx);
    const hidden = { id: (await reloadSubmission(ctx, submission)).inferSessionId ?? "" };
    await makeNode(ctx);
    await place(ctx);
    await report(ctx, hidden, { ...ENDED, exit_code: 1, failure: raised });
    await settle(ctx);
    expect((await reload(ctx, hidden)).state).toBe("failed");
    expect(await notesOf(entrant)).toMatchObject([
      {
        kind: "submission.failed",
        subject: submission.id,
        text: expect.stringMatching(/^Submission 1 failed: .*It raised KeyError\./),
      },
    ]);
    expect(await notesOf(organizer)).toEqual([]);
  }));

test("a scored submission is told with its score, a fault of the platform with what it did not cost", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { name } = await makeCompetition(ctx);
    const entrant = await makeEntrant(ctx, name);
    await submitFile(entrant, name);
    await settle(ctx, { scorer: { score: async () => ({ scores: { score: 0.25 }, rows: 4 }) } });
    const second = await submitFile(entrant, name);
    const fault = { code: "scoring", message: "Its scorer was lost.", platform: true };
    await db.transaction((tx) => failSubmission(ctx, tx, second.id, fault));
    await settle(ctx);
    expect((await notesOf(entrant)).map(({ kind, text }) => [kind, text])).toEqual([
      ["submission.failed", "Submission 2 failed: Its scorer was lost. It cost neither a try nor credit."],
      ["submission.scored", "Submission 1 scored 0.25."],
    ]);
  }));

test("used-up credit is told once a day", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const member = await makeMember(ctx);
    const exhausted = { type: "credits.exhausted", team_id: member.team.id } as const;
    await notify(ctx, exhausted);
    ctx.clock.advance(3_600_000);
    await notify(ctx, exhausted);
    expect(await notesOf(member)).toHaveLength(1);
    ctx.clock.advance(86_400_000);
    await notify(ctx, exhausted);
    const notes = await notesOf(member);
    expect(notes.map(({ subject }) => subject)).toEqual([
      `${member.team.id}:2026-01-02`,
      `${member.team.id}:2026-01-01`,
    ]);
    expect(notes[0]?.text).toContain("credit is used up");
  }));

test("what is left on a node is told to administrators alone, its begin and its end once each", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const [admin, member] = [await makeMember(ctx, "admin"), await makeMember(ctx)];
    const facts = { alert_id: ctx.ids.next("alert"), alert: "node.leak", team_id: null } as const;
    for (let time = 0; time < 2; time++) {
      await notify(ctx, { type: "alert.raised", ...facts, text: "A process is left." });
      await notify(ctx, { type: "alert.cleared", ...facts, text: "It is gone." });
    }
    expect((await notesOf(admin)).map(({ kind, text }) => [kind, text])).toEqual([
      ["node.clear", "It is gone."],
      ["node.leak", "A process is left."],
    ]);
    expect(await notesOf(member)).toEqual([]);
  }));

test("a stall is told to the session's team", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const [member, stranger] = [await makeMember(ctx), await makeMember(ctx, "admin")];
    const facts = {
      alert_id: ctx.ids.next("alert"),
      alert: "session.stalled",
      team_id: member.team.id,
    } as const;
    await notify(ctx, { type: "alert.raised", ...facts, text: "It does nothing." });
    expect(await notesOf(member)).toMatchObject([{ kind: "session.stalled", subject: facts.alert_id }]);
    expect(await notesOf(stranger)).toEqual([]);
  }));

test("who is not logged in has no notifications", () =>
  withRollback(async (db) => {
    const nobody = as(systemContext(db), { kind: "anonymous" });
    expect((await apiOf(nobody).ask("GET", "/notifications")).status).toBe(401);
  }));
