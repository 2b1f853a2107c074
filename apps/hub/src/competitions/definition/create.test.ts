import { describe, expect, test } from "bun:test";
import { competitionDefinitionSchema, type RoundDefinition } from "@podium/shared";
import { systemContext } from "../../testing/context.ts";
import { withRollback } from "../../testing/database.ts";
import { type Member, makeCompetition, makeMember, makeTree } from "../../testing/factories.ts";
import { findCompetition, listRounds } from "../store.ts";
import { createCompetition } from "./create.ts";

const FILES = { train: "id,x,y\n0,1,2\n", inputs: "id,x\n1,1\n", labels: "id,y\n1,1\n" };

/** Creates a competition of one round with these files and this definition. */
async function create(
  organizer: Member,
  given: {
    files?: Record<string, Record<string, string>>;
    round?: Partial<RoundDefinition>;
    definition?: Record<string, unknown>;
    data?: unknown[];
  } = {},
) {
  const trees: Record<string, string> = {};
  for (const [what, text] of Object.entries(FILES)) {
    trees[what] = await makeTree(organizer, given.files?.[what] ?? { [`${what}.csv`]: text });
  }
  const { train = "", inputs = "", labels = "" } = trees;
  const definition = competitionDefinitionSchema.parse({
    version: 1,
    name: "films",
    title: "Films",
    metric: { name: "mse" },
    rounds: [{ name: "one", train: "a", inputs: "b", labels: "c.csv", target_field: "y", ...given.round }],
    ...given.definition,
  });
  const data = (given.data ?? [{ round: "one", train, inputs, labels }]) as never;
  return organizer.db.transaction((tx) => createCompetition(organizer, tx, { definition, data }));
}

test("a competition opens its first round at once unless that has a time", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const states = async (name: string) => {
      const found = await findCompetition(db, { name });
      return (await listRounds(db, found?.competition.id ?? "")).map(({ state }) => state);
    };
    expect(await states((await makeCompetition(ctx, { rounds: 2 })).name)).toEqual(["open", "upcoming"]);
    const later = await makeCompetition(ctx, { round: { opens_at: "2027-01-01T00:00:00Z" } });
    expect(await states(later.name)).toEqual(["upcoming"]);
    const past = await makeCompetition(ctx, { round: { opens_at: "2025-01-01T00:00:00Z" } });
    expect(await states(past.name)).toEqual(["open"]);
  }));

test("only organizers and administrators create competitions", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    await expect(create(await makeMember(ctx))).rejects.toMatchObject({
      code: "forbidden",
      message: expect.stringContaining("Ask an administrator"),
    });
    expect(await create(await makeMember(ctx, "admin"))).toStartWith("cmp_");
  }));

test("a name is taken once", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    await create(await makeMember(ctx, "organizer"));
    await expect(create(await makeMember(ctx, "organizer"))).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining("Choose another name"),
    });
  }));

test("what is wrong with a bundle is said, and nothing of it is kept", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const organizer = await makeMember(ctx, "organizer");
    const foreign = await makeTree(await makeMember(ctx), { "labels.csv": "id,y\n9,9\n" });
    const own = await makeTree(organizer, { "inputs.csv": FILES.inputs });
    const wrong: [Parameters<typeof create>[1], string][] = [
      [{ data: [] }, 'Round "one" has no data'],
      [{ data: [{ round: "one", train: own, inputs: own, labels: foreign }] }, "has no tree"],
      [
        { files: { inputs: { "a.csv": "id\n", "b.csv": "id\n" } } },
        "exactly one .csv or .jsonl file; there are 2",
      ],
      [{ files: { labels: { "labels.txt": "id\n" } } }, "there are 0"],
    ];
    for (const [given, message] of wrong) {
      await expect(create(organizer, given)).rejects.toMatchObject({
        code: "invalid_bundle",
        message: expect.stringContaining(message),
      });
    }
    expect(await findCompetition(db, { name: "films" })).toBeNull();
    expect(await create(organizer)).toStartWith("cmp_");
  }));

test("inputs that the organizer's own data_loader.py hands to models need no table, where NSML's scorer reads the answers", () =>
  withRollback(async (db) => {
    const organizer = await makeMember(systemContext(db), "organizer");
    const train = await makeTree(organizer, { "train.csv": FILES.train });
    const labels = await makeTree(organizer, { test_label: "1\n" });
    const scorer = await makeTree(organizer, { "evaluation.py": "" });
    const fed = { "data_loader.py": "", "test/test_data": "one\n" };
    const made = async (name: string, convention: string, files: Record<string, string>) => {
      const inputs = await makeTree(organizer, files);
      const metric = { name: "custom", order: "ascending" };
      const definition = { name, metric, scorer: { program: "s", convention } };
      return create(organizer, { definition, data: [{ round: "one", train, inputs, labels, scorer }] });
    };
    expect(await made("fed", "nsml", fed)).toStartWith("cmp_");
    const refused = {
      code: "invalid_bundle",
      message: expect.stringContaining("exactly one .csv or .jsonl"),
    };
    await expect(made("other", "codabench", fed)).rejects.toMatchObject(refused);
    await expect(made("none", "nsml", { "test/test_data": "one\n" })).rejects.toMatchObject(refused);
  }));

test("labels that lie among the files of the round are refused: entrants would get them", () =>
  withRollback(async (db) => {
    const organizer = await makeMember(systemContext(db), "organizer");
    const leaks = [
      { train: { "train.csv": "id\n", "answers/test.csv": FILES.labels } },
      { inputs: { "inputs.csv": FILES.labels } },
    ];
    for (const files of leaks) {
      await expect(create(organizer, { files })).rejects.toMatchObject({
        code: "invalid_bundle",
        message: expect.stringContaining("is the labels file"),
      });
    }
  }));

describe("samples and programs", () => {
  const sample = { inputs: "sample", labels: "sample.csv" };
  const withSample = async (organizer: Member, labels: string) => ({
    round: { sample },
    data: [
      {
        round: "one",
        train: await makeTree(organizer, { "train.csv": FILES.train }),
        inputs: await makeTree(organizer, { "inputs.csv": FILES.inputs }),
        labels: await makeTree(organizer, { "labels.csv": FILES.labels }),
        sample: {
          inputs: await makeTree(organizer, { "sample.csv": "id,x\n9,9\n" }),
          labels: await makeTree(organizer, { "sample.csv": labels }),
        },
      },
    ],
  });

  test("are kept with their round, and stay as long as it does", () =>
    withRollback(async (db) => {
      const organizer = await makeMember(systemContext(db), "organizer");
      const given = await withSample(organizer, "id,y\n9,9\n");
      const program = await makeTree(organizer, { "evaluation.py": "pass" });
      const definition = { scorer: { program: "scorer", convention: "nsml" } };
      const [data] = given.data;
      const id = await create(organizer, { ...given, definition, data: [{ ...data, scorer: program }] });
      expect(await listRounds(db, id)).toMatchObject([
        { sampleInputsTree: data?.sample.inputs, sampleLabelsTree: data?.sample.labels, scorerTree: program },
      ]);
    }));

  test("that the definition names must have been pushed, and no others", () =>
    withRollback(async (db) => {
      const organizer = await makeMember(systemContext(db), "organizer");
      const given = await withSample(organizer, "id,y\n9,9\n");
      for (const [wrong, message] of [
        [{ round: { sample } }, "names a sample, and its files were not pushed"],
        [{ data: given.data }, "pushed as sample, which the definition has not"],
        [{ definition: { scorer: { program: "s", convention: "nsml" } } }, "names a scorer"],
      ] as const)
        await expect(create(organizer, wrong as never)).rejects.toMatchObject({
          code: "invalid_bundle",
          message: expect.stringContaining(message),
        });
    }));

  test("show no row of the hidden labels, whatever file it stands in", () =>
    withRollback(async (db) => {
      const organizer = await makeMember(systemContext(db), "organizer");
      for (const labels of ["id,y\n9,9\n1,1\n", "id,y\r\n9,9\r\n1,1", FILES.labels])
        await expect(create(organizer, await withSample(organizer, labels))).rejects.toMatchObject({
          code: "invalid_bundle",
          message: expect.stringMatching(/row of the hidden labels|is the labels file/),
        });
    }));

  test("with a scorer of the organizer's own, labels may be any files; without, one table", () =>
    withRollback(async (db) => {
      const organizer = await makeMember(systemContext(db), "organizer");
      const data = {
        round: "one",
        train: await makeTree(organizer, { "readme.md": "no data" }),
        inputs: await makeTree(organizer, { "readme.md": "nothing" }),
        labels: await makeTree(organizer, { "truth.txt": "1 2", "meta/info.json": "{}" }),
      };
      const round = { accepts: ["predictions" as const] };
      await expect(create(organizer, { round, data: [data] })).rejects.toMatchObject({
        code: "invalid_bundle",
      });
      const scorer = await makeTree(organizer, { "score.py": "pass" });
      const definition = { scorer: { program: "scorer", convention: "codabench" } };
      expect(await create(organizer, { round, definition, data: [{ ...data, scorer }] })).toStartWith("cmp_");
    }));
});

test("pages and terms come with their text", () =>
  withRollback(async (db) => {
    const organizer = await makeMember(systemContext(db), "organizer");
    const definition = { pages: [{ name: "rules", title: "Rules", file: "rules.md" }] };
    await expect(create(organizer, { definition })).rejects.toMatchObject({
      code: "invalid_bundle",
      message: expect.stringContaining('page "rules" has no text'),
    });
  }));
