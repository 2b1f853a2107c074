import { expect, test } from "bun:test";
import { recomputed, setEntrant, setSubmission, storedBoard } from "../testing/boards.ts";
import { systemContext, type TestContext } from "../testing/context.ts";
import { withRollback } from "../testing/database.ts";
import { type Member, makeCompetition, makeEntrant } from "../testing/factories.ts";
import { seeded } from "../testing/random.ts";
import { fail, score, submitFile } from "../testing/submissions.ts";
import { updateStanding } from "./update.ts";

const MANY = { limits: { per_day: 1000, total: 1000, pending: 1000 } };
const SPLIT = { share: 0.5, seed: "a-secret-word" };

/** One rule for each kind of board; the sign of a column is 1 where smaller is better. */
const RULES = [
  { counts: "best", final: "best", split: true, metric: "mse", sign: 1, tie: true },
  { counts: "last", final: "last", split: false, metric: "accuracy", sign: -1, tie: false },
  { counts: "best", final: { selected: 2 }, split: true, metric: "accuracy", sign: -1, tie: true },
  { counts: "last", final: { selected: 2 }, split: false, metric: "mse", sign: 1, tie: false },
] as const;
type Rule = (typeof RULES)[number];

/** A scored submission as the test remembers it. */
interface Made {
  id: string;
  team: string;
  at: number;
  score: number;
  time: number;
  privateScore: number;
  privateTime: number;
  selected: boolean;
}
type Values = { score: number; time: number };

/** The boards by pencil and paper. */
function expected(rule: Rule, made: readonly Made[], off: ReadonlySet<string>, board: "public" | "private") {
  const better = (a: Values, b: Values) =>
    rule.sign * (a.score - b.score) || (rule.tie ? a.time - b.time : 0);
  const first = <T extends Made & Values>(all: readonly T[]) =>
    all.toSorted((a, b) => better(a, b) || a.at - b.at)[0];
  const last = (all: readonly Made[]) => all.toSorted((a, b) => b.at - a.at)[0];
  const inTheEnd = (each: Made) =>
    rule.split ? { ...each, score: each.privateScore, time: each.privateTime } : each;

  function counting(all: readonly Made[]): Made | undefined {
    if (board === "public") return rule.counts === "best" ? first(all) : last(all);
    if (rule.final === "best") return first(all);
    if (rule.final === "last") return last(all);
    const chosen = all
      .filter((each) => each.selected)
      .toSorted((a, b) => a.at - b.at)
      .slice(0, 2);
    const rest = all.filter((each) => !each.selected).toSorted((a, b) => better(a, b) || a.at - b.at);
    return first([...chosen, ...rest.slice(0, 2 - chosen.length)].map(inTheEnd));
  }
  const rows = [...Map.groupBy(made, (each) => each.team)].flatMap(([team, all]) => {
    const counts = off.has(team) ? undefined : counting(all);
    if (!counts) return [];
    const shown = board === "private" ? inTheEnd(counts) : counts;
    const values = made.find(({ id }) => id === counts.id) ?? counts;
    const { score, time } = board === "private" ? inTheEnd(values) : shown;
    return [{ entrant: team, score, time, at: counts.at, id: counts.id, submissions: all.length }];
  });
  rows.sort((a, b) => better(a, b) || a.at - b.at);
  return rows.map(({ entrant, score, time, id, submissions }) => ({
    rank: 1 + rows.filter((other) => better(other, { score, time }) < 0).length,
    entrant,
    score,
    columns: { time },
    submissions,
    best_submission_id: id,
  }));
}

/** A contest of eight, played at random: what is submitted, scored, selected, banned and let in again. */
async function makePlay(ctx: TestContext, rule: Rule, seed: number) {
  const random = seeded(seed);
  const { name, organizer } = await makeCompetition(ctx, {
    round: { ...MANY, ...(rule.split ? { split: SPLIT } : {}) },
    definition: {
      metric: { name: rule.metric },
      columns: [{ key: "time", metric: { name: "custom", value: "time", order: "ascending" } }],
      scorer: { program: "scorer", convention: "codabench" },
      tie_breaks: rule.tie ? ["time"] : [],
      leaderboard: { counts: rule.counts, final: rule.final },
    },
  });
  const members: Member[] = [];
  for (let n = 0; n < 8; n++) members.push(await makeEntrant(ctx, name));
  const waiting: { id: string; team: string; at: number }[] = [];
  const made: Made[] = [];
  const off = new Set<string>();

  async function submitOne() {
    ctx.clock.advance(1 + random.int(3));
    const member = random.pick(members.filter(({ team }) => !off.has(team.slug)));
    const { id } = await submitFile(member, name);
    waiting.push({ id, team: member.team.slug, at: ctx.clock.now().getTime() });
  }
  async function endOne() {
    const [picked] = waiting.splice(random.int(waiting.length), 1);
    if (!picked) return;
    const kind = random.int(10);
    if (kind === 0) return fail(ctx, picked);
    const values = { score: random.int(5) / 4, time: random.int(3) };
    const hidden = { privateScore: random.int(5) / 4, privateTime: random.int(3) };
    await score(ctx, picked, values.score);
    const stored = {
      trial: kind === 1,
      columns: { time: values.time },
      ...(rule.split
        ? { privateScore: hidden.privateScore, privateColumns: { time: hidden.privateTime } }
        : {}),
    };
    await setSubmission(ctx, picked.id, stored);
    if (kind !== 1) made.push({ ...picked, ...values, ...hidden, selected: false });
    await updateStanding(ctx, picked.id);
    if (made.length > 0) await updateStanding(ctx, random.pick(made).id);
  }
  async function selectOne() {
    if (made.length === 0) return;
    const picked = random.pick(made);
    picked.selected = !picked.selected;
    await setSubmission(ctx, picked.id, { selected: picked.selected });
    await updateStanding(ctx, picked.id);
  }
  async function banOrLetIn() {
    const member = random.pick(members);
    const { slug } = member.team;
    if (!off.has(slug) && off.size >= 3) return;
    const state = off.has(slug) ? "active" : random.pick(["banned", "withdrawn", "merged"] as const);
    if (!off.delete(slug)) off.add(slug);
    await setEntrant(ctx, name, member, state);
  }
  async function step() {
    const kind = random.int(12);
    if (kind === 0) return banOrLetIn();
    if (kind < 3) return selectOne();
    if (kind < 8) return submitOne();
    return endOne();
  }
  return { name, organizer, step, made, off };
}

test.each(RULES)(
  "played at random with $counts and $final, both boards are at every moment what the submissions give",
  (rule) =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const { name, organizer, step, made, off } = await makePlay(ctx, rule, 7);
      for (let n = 0; n < 100; n++) {
        await step();
        for (const board of ["public", "private"] as const) {
          const stored = await storedBoard(organizer, name, board);
          expect(stored).toEqual(await recomputed(organizer, name, board));
          expect(stored.rows.map(({ best_at: _, survives: __, interval: ___, ...row }) => row)).toEqual(
            expected(rule, made, off, board) as never,
          );
        }
      }
      expect(made.length).toBeGreaterThan(10);
    }),
  120_000,
);
