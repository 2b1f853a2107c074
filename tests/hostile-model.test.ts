import { afterAll, beforeAll, expect } from "bun:test";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SQL } from "bun";
import { competitionDefinitionSchema } from "../packages/shared/src/index.ts";
import { type Stack, startStack } from "../scripts/stack/stack.ts";
import { testIf } from "../scripts/testing/requires.ts";
import { logIn, must, type Person, push, signUp, waitFor } from "./lib/person.ts";

const NAME = "guarded";
const LABEL = "label-that-nobody-sees";
const INPUT = "input-that-nobody-prints";
const OTHERS = "file-of-another-team";
/** Each attempt that succeeds is a bit of its prediction: the only thing that may leave the sandbox. */
const MODEL = (folder: string, hubPort: number) => `
import os, socket, podium

def reads(marker):
    for top in (${JSON.stringify(folder)}, "/app", "/data", "/tmp", "/root", "/home", "/var", "/mnt"):
        for at, _, names in os.walk(top):
            for name in names:
                try:
                    with open(os.path.join(at, name), "rb") as file:
                        if file.read(1 << 16).find(marker.encode()) >= 0:
                            return True
                except OSError:
                    pass
    return False

def reaches(port):
    try:
        socket.create_connection(("127.0.0.1", port), 2).close()
        return True
    except OSError:
        return False

def infer(rows):
    print(rows, flush=True)
    podium.report(step=0, **{"seen": 1.0})
    # Put together here, so that this text is not what it finds.
    label, other = "-".join(["label", "that", "nobody", "sees"]), "-".join(["file", "of", "another", "team"])
    got = (1 if reads(label) else 0) + (2 if reads(other) else 0) + (4 if reaches(${hubPort}) else 0)
    return [float(got)] * len(rows)

podium.bind(infer=infer)
`;

const folder = mkdtempSync(join(tmpdir(), "podium-hostile-"));
chmodSync(folder, 0o711);
let stack: Stack;
let sql: SQL;
let organizer: Person;
let player: Person;

beforeAll(async () => {
  stack = await startStack({ dataDir: join(folder, "data"), fresh: true, processes: ["hub", "runner"] });
  sql = new SQL(stack.databaseUrl);
  organizer = await logIn(stack.hubUrl, stack.admin);
  player = await signUp(stack.hubUrl, "player");
  const grant = { team: player.team, amount: 50_000_000, memo: "" };
  must(await organizer.api.POST("/api/v1/credits/grants", { body: grant }));
  await push(await signUp(stack.hubUrl, "other"), stack.hubUrl, { "secret.txt": OTHERS });
  const round = { name: "only", train: "train", inputs: "inputs", labels: "labels.csv", target_field: "y" };
  const definition = competitionDefinitionSchema.parse({
    version: 1,
    name: NAME,
    title: "Guarded",
    metric: { name: "mse" },
    rounds: [{ ...round, accepts: ["code"] }],
  });
  const data = {
    round: "only",
    train: await push(organizer, stack.hubUrl, { "train.csv": "id,y\nz,1\n" }),
    inputs: await push(organizer, stack.hubUrl, { "inputs.csv": `id,x\na,${INPUT}\n` }),
    labels: await push(organizer, stack.hubUrl, { "labels.csv": `id,y,note\na,0,${LABEL}\n` }),
  };
  must(await organizer.api.POST("/api/v1/competitions", { body: { definition, data: [data] } as never }));
  must(
    await player.api.POST("/api/v1/competitions/{name}/entrants", {
      params: { path: { name: NAME } },
      body: {},
    }),
  );
}, 120_000);

afterAll(async () => {
  await sql?.close();
  await stack?.stop();
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

testIf(
  "bubblewrap",
  "a model reaches no labels, no other team's files and no network, and what it prints of the inputs stays hidden",
  async () => {
    const port = Number(new URL(stack.hubUrl).port);
    const tree_id = await push(player, stack.hubUrl, { "main.py": MODEL(folder, port) });
    const made = must(
      await player.api.POST("/api/v1/competitions/{name}/submissions", {
        params: { path: { name: NAME } },
        body: { kind: "code", tree_id } as never,
      }),
    );
    const params = { path: { id: made.id } };
    const submission = await waitFor("its end", 90_000, async () => {
      const shown = must(await player.api.GET("/api/v1/submissions/{id}", { params }));
      return ["scored", "failed"].includes(shown.state) ? shown : null;
    });

    // The mean squared error of a single row with the label 0: what it has got at, squared.
    expect(submission).toMatchObject({ state: "scored", score: 0, failure: null });
    const [row] = await sql`select infer_session_id as id from submissions where id = ${made.id}`;
    const paths = [
      `/submissions/${made.id}`,
      `/submissions/${made.id}/predictions`,
      `/competitions/${NAME}/submissions`,
      ...["", "/logs", "/metrics", "/checkpoints", "/events"].map((path) => `/sessions/${row.id}${path}`),
    ];
    const headers = { authorization: `Bearer ${player.token}` };
    for (const path of paths) {
      const answer = await fetch(`${stack.hubUrl}/api/v1${path}`, { headers });
      expect({ path, shown: (await answer.text()).includes(INPUT) }).toEqual({ path, shown: false });
    }
    const logs = await fetch(`${stack.hubUrl}/api/v1/sessions/${row.id}/logs`, { headers });
    expect(logs.ok && ((await logs.json()) as { items: unknown[] }).items.length > 0).toBe(false);
  },
  120_000,
);
