import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type CompetitionDefinition, competitionDefinitionSchema } from "@podium/shared/competition-bundle";
import { parse } from "yaml";
import { buildData as buildDigits } from "./digits/build-data.ts";
import { parseCsv } from "./lib/csv.ts";
import { readDemoScript } from "./lib/demo-script.ts";
import type { BuiltData } from "./lib/round-files.ts";
import { buildData as buildMovieScore } from "./movie-score/build-data.ts";
import { buildData as buildWeather } from "./weather/build-data.ts";

const EXAMPLES = { "movie-score": buildMovieScore, digits: buildDigits, weather: buildWeather };

let scratch = "";

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "podium-examples-"));
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

type Row = Record<string, unknown>;

async function readRows(path: string): Promise<Row[]> {
  const text = await Bun.file(path).text();
  if (!path.endsWith(".jsonl")) return parseCsv(text);
  return text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
}

/** The rows of the one file in a folder. */
async function readFolder(folder: string): Promise<Row[]> {
  const files = await readdir(folder);
  expect(files).toHaveLength(1);
  return readRows(join(folder, files[0] ?? ""));
}

const idsOf = (rows: Row[]) => rows.map((row) => String(row["id"]));

async function hashes(folder: string): Promise<Record<string, string>> {
  const files = await readdir(folder, { recursive: true, withFileTypes: true });
  const entries = files
    .filter((file) => file.isFile())
    .map(async (file) => {
      const path = join(file.parentPath, file.name);
      const bytes = await Bun.file(path).bytes();
      return [path.slice(folder.length), new Bun.CryptoHasher("sha256").update(bytes).digest("hex")] as const;
    });
  return Object.fromEntries(await Promise.all(entries));
}

describe.each(Object.entries(EXAMPLES))("%s", (name, buildData) => {
  let definition: CompetitionDefinition;
  let built: BuiltData;
  let folder = "";

  beforeAll(async () => {
    folder = join(scratch, name);
    built = await buildData(folder);
    const text = await Bun.file(join(import.meta.dir, name, "competition.yaml")).text();
    definition = competitionDefinitionSchema.parse(parse(text));
  });

  test("its definition is valid, is named like its folder, and its paths lead to the built data", () => {
    expect(definition.name).toBe(name);
    expect(built.rounds.map((round) => round.name)).toEqual(definition.rounds.map((round) => round.name));
    for (const round of definition.rounds) {
      for (const path of [round.train, round.inputs, round.labels])
        expect(existsSync(join(folder, path))).toBe(true);
    }
  });

  test("a second build gives the same bytes", async () => {
    const again = join(scratch, `${name}-again`);
    expect(await buildData(again)).toEqual(built);
    expect(await hashes(again)).toEqual(await hashes(folder));
  });

  test("the hidden inputs have every feature of the training data and no label", async () => {
    for (const [index, round] of definition.rounds.entries()) {
      const train = await readFolder(join(folder, round.train));
      const inputs = await readFolder(join(folder, round.inputs));
      expect([train.length, inputs.length]).toEqual([
        built.rounds[index]?.train_rows,
        built.rounds[index]?.test_rows,
      ] as number[]);
      const features = Object.keys(train[0] ?? {}).filter((column) => column !== round.target_field);
      for (const row of inputs) expect(Object.keys(row).sort()).toEqual([...features].sort());
      for (const row of train) expect(String(row[round.target_field])).not.toBe("");
    }
  });

  test("the labels are the inputs' ids and the target alone, one each", async () => {
    for (const round of definition.rounds) {
      const labels = await readRows(join(folder, round.labels));
      const ids = idsOf(labels);
      expect(new Set(ids).size).toBe(ids.length);
      expect([...ids].sort()).toEqual(idsOf(await readFolder(join(folder, round.inputs))).sort());
      for (const row of labels) expect(Object.keys(row)).toEqual([round.id_field, round.target_field]);
    }
  });

  test("no hidden row of any round is a training row of any round, nor hidden twice", async () => {
    const train = new Set<string>();
    const hidden: string[] = [];
    for (const round of definition.rounds) {
      for (const id of idsOf(await readFolder(join(folder, round.train)))) train.add(id);
      hidden.push(...idsOf(await readFolder(join(folder, round.inputs))));
    }
    expect(new Set(hidden).size).toBe(hidden.length);
    expect(hidden.filter((id) => train.has(id))).toEqual([]);
  });

  test("ids tell nothing about the order of the rows", async () => {
    for (const round of definition.rounds) {
      const ids = idsOf(await readFolder(join(folder, round.inputs)));
      expect(ids.every((id) => /^[a-z]+-[0-9a-f]{12}$/.test(id))).toBe(true);
      const rises = ids.filter((id, index) => index > 0 && id > String(ids[index - 1])).length;
      expect(Math.abs(rises / ids.length - 0.5)).toBeLessThan(0.1);
    }
  });

  test("its demo names folders that are there", async () => {
    const demo = await readDemoScript(join(import.meta.dir, name));
    const runs = [
      ...demo.participants,
      ...demo.failures.filter((failure) => failure.kind === "broken-model"),
    ];
    for (const { folder: code } of runs)
      expect(existsSync(join(import.meta.dir, name, code, "main.py"))).toBe(true);
    expect(new Set(demo.participants.map(({ team }) => team)).size).toBe(demo.participants.length);
  });
});

test("movie-score's round 2 has exactly twice the films of round 1, and round 1's among them", async () => {
  const folder = join(scratch, "movie-score-rounds");
  const { rounds } = await buildMovieScore(folder);
  expect(rounds).toEqual([
    { name: "round-1", train_rows: 996, test_rows: 332 },
    { name: "round-2", train_rows: 1992, test_rows: 664 },
  ]);
  const films1 = await readRows(join(folder, "data/round-1/train/train.csv"));
  const films2 = new Set(idsOf(await readRows(join(folder, "data/round-2/train/train.csv"))));
  expect(idsOf(films1).every((id) => films2.has(id))).toBe(true);
});

test("a build leaves nothing of an earlier build behind", async () => {
  const folder = join(scratch, "rebuilt");
  await Bun.write(join(folder, "data/round-0/labels/labels.csv"), "id,weather\n");
  await buildWeather(folder);
  expect(await readdir(join(folder, "data"))).toEqual(["main"]);
});
