import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type Stack, startStack } from "../scripts/stack/stack.ts";
import { logIn, must, type Person, signUp } from "./lib/person.ts";
import { podium } from "./lib/podium-command.ts";

setDefaultTimeout(180_000);

const root = mkdtempSync(join(tmpdir(), "podium-definition-"));
let stack: Stack;
let organizer: Person;
let entrant: Person;

beforeAll(async () => {
  stack = await startStack({ dataDir: join(root, "data"), durable: false });
  organizer = await signUp(stack.hubUrl, "organizer");
  entrant = await signUp(stack.hubUrl, "entrant");
  const admin = await logIn(stack.hubUrl, stack.admin);
  const params = { path: { email: "organizer@podium.test" } };
  await admin.api.PATCH("/api/v1/users/{email}/role", { params, body: { role: "organizer" } });
}, 90_000);

afterAll(async () => {
  await stack?.stop();
  rmSync(root, { recursive: true, force: true });
}, 60_000);

async function competition(person: Person, ...args: string[]) {
  const home = join(root, `home-${person.team}`);
  const { code, output } = await podium(["competition", ...args], {
    url: stack.hubUrl,
    token: person.token,
    home,
  }).done;
  return { code, output };
}

async function succeeds(person: Person, ...args: string[]): Promise<string> {
  const { code, output } = await competition(person, ...args);
  if (code !== 0) throw new Error(output);
  return output;
}

const YAML = `version: 1
name: films
title: Guess the rating
pages:
  - name: rules
    title: Rules
    file: texts/rules.md
terms: {file: texts/terms.md}
metric: {name: mse, weight_field: w}
columns:
  - key: mae
    metric: {name: mae}
tie_breaks: [mae]
rounds:
  - name: one
    train: train
    inputs: in
    labels: truth/labels.csv
    sample: {inputs: sample/in, labels: sample/labels.csv}
    target_field: rating
    split: {share: 0.5, seed: nobody-knows}
    closes_at: 2040-01-01T00:00:00Z
  - name: two
    train: train2
    inputs: in
    labels: truth/labels.csv
    target_field: rating
`;

function write(files: Record<string, string>): string {
  const folder = mkdtempSync(join(root, "bundle-"));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

const FILES = {
  "competition.yaml": YAML,
  "texts/rules.md": "# Rules\n\nOne team each.\n",
  "texts/terms.md": "Be fair.\n",
  "train/train.csv": "id,x,rating\n9,1,1\n",
  "train2/train.csv": "id,x,rating\n8,1,1\n",
  "in/inputs.csv": "id,x\n1,1\n2,2\n",
  "truth/labels.csv": "id,rating,w\n1,1,1\n2,2,1\n",
  "sample/in/s.csv": "id,x\n7,1\n",
  "sample/labels.csv": "id,rating,w\n7,1,1\n",
};

test("a contest is made, edited and taken away by its folder, and comes back the same", async () => {
  const folder = write(FILES);
  await succeeds(organizer, "create", folder);
  const params = { path: { name: "films" } };
  const texts = must(await entrant.api.GET("/api/v1/competitions/{name}/pages", { params }));
  expect(texts.pages).toEqual([{ name: "rules", title: "Rules", content: FILES["texts/rules.md"] }]);
  expect(texts.terms?.sha256).toBe(new Bun.CryptoHasher("sha256").update("Be fair.\n").digest("hex"));

  const out = join(root, "exported");
  await succeeds(organizer, "export", "films", out);
  const exported = readFileSync(join(out, "competition.yaml"), "utf8");
  expect(await succeeds(organizer, "edit", out, "--dry-run")).toContain("films is that already (version 1)");
  writeFileSync(join(out, "competition.yaml"), exported.replace("name: films", "name: films-again"));
  await succeeds(organizer, "create", out);
  const exportOf = async (name: string) =>
    must(await organizer.api.GET("/api/v1/competitions/{name}/export", { params: { path: { name } } }));
  const [first, second] = [await exportOf("films"), await exportOf("films-again")];
  expect(second.data).toEqual(first.data);
  const again = join(root, "again");
  await succeeds(organizer, "export", "films-again", again);
  expect(readFileSync(join(again, "competition.yaml"), "utf8").replace("films-again", "films")).toBe(
    exported,
  );

  expect((await competition(entrant, "export", "films", join(root, "stolen"))).output).toContain(
    "Only the organizer",
  );
});

test("an edit shows what it does, is refused whole where it may not, and entrants can read it afterwards", async () => {
  const folder = write({ ...FILES, "competition.yaml": YAML.replace("name: films", "name: edited") });
  const change = (yaml: string) =>
    writeFileSync(join(folder, "competition.yaml"), yaml.replace("name: films", "name: edited"));
  await succeeds(organizer, "create", folder);
  change(YAML.replace("name: mse, ", "name: mae, ").replace("Guess the rating", "Guess!"));
  const refused = await competition(organizer, "edit", folder);
  expect(refused.output).toContain("metric.name can't be changed once a round has opened");
  change(YAML.replace("2040-01-01", "2041-01-01").replace("Guess the rating", "Guess!"));
  writeFileSync(join(folder, "train2/train.csv"), "id,x,rating\n8,1,1\n6,1,1\n");
  const wanted = [
    "title: Guess the rating → Guess!",
    "rounds.one.closes_at: 2040-01-01T00:00:00Z → 2041-01-01T00:00:00Z",
    "rounds.two.train: (the files so far) → (other files)",
  ];
  const tried = await succeeds(organizer, "edit", folder, "--dry-run");
  const done = await succeeds(organizer, "edit", folder, "--reason", "more time");
  for (const line of wanted) {
    expect(tried).toContain(line);
    expect(done).toContain(line);
  }
  expect(done).toContain("edited is at version 2");
  const late = await competition(organizer, "edit", folder, "--version", "1");
  expect(late.output).toContain("is at version 2, and you edited version 1");
  const history = await succeeds(entrant, "history", "edited");
  expect(history).toContain("The contest was edited to version 2\n    reason: more time");
  for (const line of wanted) expect(history).toContain(line);
  expect(history).not.toContain("by ");
});

const CODABENCH = `version: 2
title: From elsewhere
terms: terms.md
tasks:
  - index: 0
    reference_data: truth
    input_data: in
    scoring_program: scoring
phases:
  - index: 0
    name: Only
    tasks: [0]
leaderboards:
  - title: Results
    columns:
      - {key: accuracy, index: 0, sorting: desc}
`;

test("a Codabench bundle is taken as it is, or not at all", async () => {
  const files = {
    "competition.yaml": CODABENCH,
    "terms.md": "Be fair.\n",
    "truth/truth.txt": "1\n0\n",
    "in/notes.txt": "two rows\n",
    "scoring/metadata.yaml": "command: python3 $program/score.py $input $output\n",
    "scoring/score.py": "print()\n",
  };
  const wrong = write({ ...files, "competition.yaml": CODABENCH.replace("sorting: desc", "sorting: asc") });
  const refused = await competition(organizer, "create", wrong);
  expect(refused.output).toMatch(
    /competition\.yaml:16:\d+: leaderboards\.0\.columns\.0\.sorting: "accuracy"/,
  );
  const params = { path: { name: "from-elsewhere" } };
  expect((await organizer.api.GET("/api/v1/competitions/{name}", { params })).response.status).toBe(404);

  await succeeds(organizer, "create", write(files));
  const { definition, data } = must(
    await organizer.api.GET("/api/v1/competitions/{name}/export", { params }),
  );
  expect(definition).toMatchObject({ scorer: { convention: "codabench" }, rounds: [{ name: "only" }] });
  expect(data[0]?.scorer).toMatch(/^[0-9a-f]{64}$/);
  const folder = join(root, "converted");
  await succeeds(organizer, "convert", write(files), folder);
  expect(await succeeds(organizer, "edit", folder, "--dry-run")).toContain("from-elsewhere is that already");
});

test("the schema of competition.yaml is there for editors, without a login", async () => {
  const answer = await fetch(`${stack.hubUrl}/schemas/competition.json`);
  expect(answer.headers.get("content-type")).toContain("application/schema+json");
  expect(await answer.json()).toMatchObject({ title: "competition.yaml" });
});
