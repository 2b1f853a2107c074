import { expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { commitmentHash, commitmentSchema } from "@podium/shared";
import { findCompetition, findRound } from "../competitions/index.ts";
import { apiOf } from "../testing/api.ts";
import { systemContext } from "../testing/context.ts";
import { withRollback } from "../testing/database.ts";
import { makeCompetition, makeEntrant } from "../testing/factories.ts";
import { settle } from "../testing/jobs.ts";
import { setJudging } from "../testing/programs.ts";
import { commitRound } from "./commit-round.ts";

test("a round that opens publishes a hash; what it is over is shown at the reveal, and fits", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { name, organizer, trees } = await makeCompetition(ctx, { rounds: 2 });
    const entrant = await makeEntrant(ctx, name);
    await settle(ctx);
    const shown = async (member: typeof entrant) => {
      const answer = await apiOf(member).ask("GET", `/competitions/${name}`);
      for (const secret of [trees.labels])
        if (member === entrant) expect([member, answer.text.includes(secret)]).toEqual([member, revealed]);
      return answer.json().rounds;
    };
    let revealed = false;
    const [open, upcoming] = await shown(entrant);
    const published = open.commitment as string;
    expect(open).toMatchObject({
      commitment: expect.stringMatching(/^[0-9a-f]{64}$/),
      committed: null,
      labels_replaced: null,
    });
    expect(upcoming).toMatchObject({ commitment: null, committed: null });
    expect((await shown(organizer))[0].committed).toBeNull();

    await setJudging(ctx, name, { revealedAt: ctx.clock.now() });
    revealed = true;
    const [over] = await shown(entrant);
    expect(over).toMatchObject({
      commitment: published,
      labels_replaced: false,
      committed: { labels_tree: trees.labels, scorer_tree: null },
    });
    expect(commitmentHash(commitmentSchema.parse(over.committed), createHash)).toBe(published);
    await setJudging(ctx, name, { labelsTree: trees.train });
    expect((await shown(organizer))[0]).toMatchObject({
      labels_replaced: true,
      committed: { labels_tree: trees.labels },
    });
  }));

test("it is made once, with a nonce that was drawn for it", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { name } = await makeCompetition(ctx);
    const competitionId = (await findCompetition(db, { name }))?.competition.id ?? "";
    const read = () => findRound(db, { competitionId, name: "round-1" });
    const id = (await read())?.id ?? "";
    await commitRound(ctx, id, () => "word");
    const made = await read();
    expect(made).toMatchObject({ commitmentNonce: "wordword" });
    await commitRound(ctx, id);
    expect((await read())?.commitment).toBe(made?.commitment ?? "");
    await commitRound(ctx, ctx.ids.next("round"));
  }));
