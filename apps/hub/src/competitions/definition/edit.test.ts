import { describe, expect, test } from "bun:test";
import { type CompetitionDefinition, competitionDefinitionSchema, type RoundData } from "@podium/shared";
import { treeEntries } from "../../data/index.ts";
import { systemContext, type TestContext } from "../../testing/context.ts";
import { outboxTypes, withRollback } from "../../testing/database.ts";
import { type Member, makeCompetition, makeEntrant, makeTree } from "../../testing/factories.ts";
import { closeRound } from "../rounds/close-round.ts";
import { concludeRound } from "../rounds/conclude-round.ts";
import { findCompetition, listRounds } from "../store.ts";
import { editCompetition } from "./edit.ts";
import { exportCompetition } from "./export.ts";
import { listHistory } from "./store.ts";

type Written = Record<string, unknown> & { rounds: Record<string, unknown>[] };

/** Edits as somebody who exported the definition and changed it by hand. */
async function edit(
  ctx: Member,
  name: string,
  change: (definition: Written) => void,
  more: { version?: number; dryRun?: boolean; data?: RoundData[]; reason?: string } = {},
) {
  const found = await findCompetition(ctx.db, { name });
  if (!found) throw new Error(`no ${name}`);
  const written = structuredClone(found.competition.definition) as unknown as Written;
  change(written);
  const definition = competitionDefinitionSchema.parse(written);
  const { version = found.competition.version, dryRun = false, data = [], reason } = more;
  return ctx.db.transaction((tx) =>
    editCompetition(ctx, tx, name, { definition, data, version, dryRun, reason }),
  );
}

const definitionOf = async (ctx: TestContext, name: string) =>
  (await findCompetition(ctx.db, { name }))?.competition as {
    definition: CompetitionDefinition;
    version: number;
    id: string;
  };
const roundsOf = async (ctx: TestContext, name: string) =>
  listRounds(ctx.db, (await definitionOf(ctx, name)).id);
const historyOf = async (ctx: TestContext, name: string) =>
  listHistory(ctx.db, (await definitionOf(ctx, name)).id, { shown: null, limit: 50, before: undefined });

test("an edit is a new version, a line in the history and an event; the same again changes nothing", () =>
  withRollback(async (db) => {
    const { organizer, name } = await makeCompetition(systemContext(db));
    const before = (await outboxTypes(db)).length;
    const edited = await edit(organizer, name, (d) => Object.assign(d, { title: "Better" }), {
      reason: "typo",
    });
    expect(edited).toEqual({
      version: 2,
      changes: [{ path: "title", before: "A contest", after: "Better" }],
    });
    expect(await definitionOf(organizer, name)).toMatchObject({
      version: 2,
      definition: { title: "Better" },
    });
    expect((await outboxTypes(db)).slice(before)).toEqual(["competition.changed"]);
    expect(await edit(organizer, name, () => undefined)).toEqual({ version: 2, changes: [] });
    expect((await historyOf(organizer, name)).map(({ change }) => change)).toMatchObject([
      { action: "edited", reason: "typo", details: { version: 2, changes: edited.changes } },
    ]);
  }));

test("who edits an older version, or is not the organizer, is refused", () =>
  withRollback(async (db) => {
    const { organizer, name } = await makeCompetition(systemContext(db));
    await edit(organizer, name, (d) => Object.assign(d, { title: "Better" }));
    const late = edit(organizer, name, (d) => Object.assign(d, { title: "Mine" }), { version: 1 });
    await expect(late).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining("version 2"),
    });
    const entrant = await makeEntrant(organizer, name);
    const stranger = edit(entrant, name, (d) => Object.assign(d, { title: "Mine" }));
    await expect(stranger).rejects.toMatchObject({ code: "forbidden" });
    expect(await definitionOf(organizer, name)).toMatchObject({
      version: 2,
      definition: { title: "Better" },
    });
  }));

test("a dry run says what would change and changes nothing", () =>
  withRollback(async (db) => {
    const { organizer, name } = await makeCompetition(systemContext(db));
    const raise = (d: Written) => Object.assign(d.rounds[0]?.["limits"] as object, { per_day: 50 });
    const tried = await edit(organizer, name, raise, { dryRun: true });
    expect(tried).toEqual({
      version: 1,
      changes: [{ path: "rounds.round-1.limits.per_day", before: 20, after: 50 }],
    });
    expect(await definitionOf(organizer, name)).toMatchObject({ version: 1 });
    expect(await historyOf(organizer, name)).toEqual([]);
  }));

describe("once a round has opened", () => {
  const refused: [string, (d: Written) => void, string][] = [
    [
      "its metric stays",
      (d) => Object.assign(d, { metric: { name: "mae" } }),
      "metric.name can't be changed",
    ],
    [
      "its columns stay",
      (d) => Object.assign(d, { columns: [{ key: "mae", metric: { name: "mae" } }] }),
      "columns",
    ],
    ["its target stays", (d) => Object.assign(d.rounds[0] ?? {}, { target_field: "x" }), "target_field"],
    [
      "its split stays",
      (d) => Object.assign(d.rounds[0] ?? {}, { split: { share: 0.5, seed: "s" } }),
      "split",
    ],
    [
      "limits are not lowered",
      (d) => Object.assign(d.rounds[0] ?? {}, { limits: { per_day: 1 } }),
      "only be raised",
    ],
    [
      "it does not close in the past",
      (d) => Object.assign(d.rounds[0] ?? {}, { closes_at: "2001-01-01T00:00:00Z" }),
      "still to come",
    ],
    ["it stays", (d) => d.rounds.shift(), "must begin with the rounds that have opened: round-1"],
    ["the name stays", (d) => Object.assign(d, { name: "another" }), "name can't be changed"],
  ];
  test.each(refused)("%s", (_, change, message) =>
    withRollback(async (db) => {
      const { organizer, name } = await makeCompetition(systemContext(db), { rounds: 2 });
      const before = await definitionOf(organizer, name);
      await expect(edit(organizer, name, change)).rejects.toMatchObject({
        code: "conflict",
        message: expect.stringContaining(message),
      });
      expect(await definitionOf(organizer, name)).toEqual(before as never);
    }),
  );

  test("its data can't be other files", () =>
    withRollback(async (db) => {
      const { organizer, name, trees } = await makeCompetition(systemContext(db));
      const labels = await makeTree(organizer, { "labels.csv": "id,rating\na,9\nb,9\nc,9\nd,9\n" });
      const data = [{ round: "round-1", ...trees, labels }];
      await expect(edit(organizer, name, () => undefined, { data })).rejects.toMatchObject({
        code: "conflict",
        message: "rounds.round-1.labels can't be changed once the round has opened",
      });
    }));

  test("it may close later and take more; the clock goes by that", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const { organizer, name } = await makeCompetition(ctx, {
        round: { closes_at: "2030-01-01T00:00:00Z" },
      });
      const later = (d: Written) =>
        Object.assign(d.rounds[0] ?? {}, { closes_at: "2031-01-01T00:00:00Z", title: "Longer" });
      await edit(organizer, name, later);
      const [round] = await roundsOf(ctx, name);
      expect(round?.closesAt?.toISOString()).toBe("2031-01-01T00:00:00.000Z");
      expect(round?.definition).toMatchObject({ title: "Longer" });
      expect(await outboxTypes(db)).toContain("round.changed");
    }));
});

test("rounds that have not opened are changed, moved, added and removed, with their data", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { organizer, name, trees } = await makeCompetition(ctx, { rounds: 3 });
    const train = await makeTree(organizer, { "train.csv": "id,x,rating\nu,2,2\n" });
    const edited = await edit(
      organizer,
      name,
      (d) => {
        const [one = {}, two = {}, three = {}] = d.rounds;
        d.rounds = [one, { ...two, name: "new" }, three];
      },
      {
        data: [
          { round: "new", ...trees },
          { round: "round-3", ...trees, train },
        ],
      },
    );
    expect(edited.changes).toEqual([
      {
        path: "rounds",
        before: ["round-1", "round-2", "round-3"],
        after: ["round-1", "new", "round-3"],
      },
      { path: "rounds.round-2", before: "round-2" },
      { path: "rounds.new", after: "new" },
      { path: "rounds.round-3.train", before: "(the files so far)", after: "(other files)" },
    ]);
    const rounds = await roundsOf(ctx, name);
    expect(rounds.map(({ number, name: each, state }) => [number, each, state])).toEqual([
      [1, "round-1", "open"],
      [2, "new", "upcoming"],
      [3, "round-3", "upcoming"],
    ]);
    const { data } = await exportCompetition(organizer, name);
    expect(data.map((each) => each.train)).toEqual([trees.train, trees.train, train]);
    // The name of a removed round is free again.
    await edit(organizer, name, (d) => d.rounds.splice(1, 2));
    await edit(organizer, name, (d) => d.rounds.push({ ...d.rounds[0], name: "round-3" }), {
      data: [{ round: "round-3", ...trees }],
    });
    expect((await roundsOf(ctx, name)).map((each) => each.name)).toEqual(["round-1", "round-3"]);
  }));

test("what create would refuse of new data, an edit refuses too, and keeps nothing", () =>
  withRollback(async (db) => {
    const { organizer, name, trees } = await makeCompetition(systemContext(db));
    const add = (d: Written) => d.rounds.push({ ...d.rounds[0], name: "two" });
    await expect(edit(organizer, name, add)).rejects.toMatchObject({
      code: "invalid_bundle",
      message: expect.stringContaining('"two" is new and has no data'),
    });
    const leak = [{ round: "two", ...trees, train: trees.labels }];
    await expect(edit(organizer, name, add, { data: leak })).rejects.toMatchObject({
      code: "invalid_bundle",
      message: expect.stringContaining("Entrants would see it"),
    });
    expect(await roundsOf(organizer, name)).toHaveLength(1);
    expect(await Array.fromAsync(treeEntries(db, trees.labels))).toHaveLength(1);
  }));

/** Closes the first round; its entrants all survive. */
async function endFirst(ctx: TestContext, name: string, options: { conclude: boolean }) {
  const [round] = await roundsOf(ctx, name);
  await ctx.db.transaction((tx) => closeRound(ctx, tx, round?.id ?? ""));
  if (options.conclude)
    await ctx.db.transaction((tx) => concludeRound(ctx, tx, round?.id ?? "", async () => []));
}

test("a round that entrants have reached may become another, but not go", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const round = { train: "a", inputs: "b", labels: "c.csv", target_field: "rating" };
    const rounds = [
      { ...round, name: "round-1" },
      { ...round, name: "round-2", opens_at: "2030-01-01T00:00:00Z" },
    ];
    const { organizer, name } = await makeCompetition(ctx, { rounds: 2, definition: { rounds } });
    await makeEntrant(ctx, name);
    await endFirst(ctx, name, { conclude: true });
    await expect(edit(organizer, name, (d) => d.rounds.pop())).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining("Entrants have reached round 2"),
    });
    const later = (d: Written) => Object.assign(d.rounds[1] ?? {}, { opens_at: "2031-01-01T00:00:00Z" });
    expect(await edit(organizer, name, later)).toMatchObject({ version: 2 });
  }));

test("a round may follow one that is closing, and none that has closed for good", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const add = (d: Written) => d.rounds.push({ ...d.rounds[0], name: "two" });
    for (const conclude of [false, true]) {
      const { organizer, name, trees } = await makeCompetition(ctx);
      await endFirst(ctx, name, { conclude });
      const edited = edit(organizer, name, add, { data: [{ round: "two", ...trees }] });
      if (conclude)
        await expect(edited).rejects.toMatchObject({
          code: "conflict",
          message: expect.stringContaining("The last round has closed"),
        });
      else expect(await edited).toMatchObject({ version: 2 });
    }
  }));
