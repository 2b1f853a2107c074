import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { type Assignment, resourcesSchema } from "@podium/shared";
import { requires } from "../../../scripts/testing/requires.ts";
import { TestHub } from "./testing/test-hub.ts";
import { TestRunner } from "./testing/test-runner.ts";

setDefaultTimeout(60_000);

const MIB = 1024 ** 2;
const DRIVER = await Bun.file(join(import.meta.dir, "../../hub/src/scoring/programs/score_driver.py")).text();
const inCi = Bun.env["CI"] === "true";

const LABELS = "secret-1\nsecret-2\n";
const both = `
import argparse
parser = argparse.ArgumentParser()
parser.add_argument("--prediction")
parser.add_argument("--test_label_path")
args = parser.parse_args()
right = open(args.test_label_path).read().split()
print(sum(a == b for a, b in zip(open(args.prediction).read().split(), right)) / len(right))
`;
const codabench = `
import json, os, sys
read = lambda part: open(os.path.join(sys.argv[1], part, os.listdir(os.path.join(sys.argv[1], part))[0])).read().split()
ref, res = read("ref"), read("res")
open(os.path.join(sys.argv[2], FILE), "w").write((WRITE)(sum(a == b for a, b in zip(ref, res))))
`;

for (const sandbox of ["none", "bubblewrap"] as const) {
  const { available, reason } = sandbox === "none" ? { available: true, reason: "" } : requires(sandbox);
  const title = available ? `sandbox: ${sandbox}` : `sandbox: ${sandbox} (skipped: ${reason})`;

  describe.skipIf(!available && !inCi)(title, () => {
    let hub: TestHub;
    let runner: TestRunner;

    beforeEach(async () => {
      hub = new TestHub();
      runner = await TestRunner.create(hub, { PODIUM_SANDBOX: sandbox });
      await runner.start();
    });
    afterEach(async () => {
      await runner.dispose();
      await hub.close();
      expect(hub.violations).toEqual([]);
    });

    /** Runs a program as the hub asks for it. */
    async function scored(
      convention: "nsml" | "codabench",
      program: Record<string, string>,
      overrides: Partial<Assignment> & { wanted?: string[]; optional?: string[] } = {},
    ) {
      const { wanted = ["score"], optional = [], ...rest } = overrides;
      const file = convention === "nsml" ? "test/test_label" : "labels.txt";
      const tree = (files: Record<string, string>) => ({ tree_id: hub.addTree(files), size_bytes: 20 });
      const task = {
        convention,
        labels: { dataset: "contest-one", file },
        predictions: { dataset: "predictions", file: "p.txt" },
        wanted,
        optional,
      };
      const assigned = hub.assign("", {
        session: { id: "ses_0198c0de0198c0de0198c0de0198c0de", name: "ada/contest/1", kind: "score" },
        entrypoint: ".podium-score.py",
        code_tree: hub.addTree({ ...program, ".podium-score.py": DRIVER }),
        args: [JSON.stringify(task)],
        datasets: [
          { name: "contest-one", ...tree({ [file]: LABELS }) },
          { name: "predictions", ...tree({ "p.txt": "secret-1\nwrong\n" }) },
        ],
        ...rest,
      });
      const { failure } = await hub.ended(assigned);
      const values = hub
        .recordsOf(assigned.attempt_id, "metric")
        .flatMap((record) => (record.summary ? [record.values] : []));
      return { failure, values, log: hub.log(assigned.attempt_id) };
    }

    test("evaluation.py is told of predictions and labels, and prints the score", async () => {
      expect(await scored("nsml", { "evaluation.py": both })).toMatchObject({
        failure: null,
        values: [{ "score/score": 0.5 }],
        log: ["0.5"],
      });
    });

    test("one of the first years takes --prediction alone; what it prints before the score is the organizer's", async () => {
      const script =
        "import sys\nassert sys.argv[1] == '--prediction' and len(sys.argv) == 3\nprint('read', open(sys.argv[2]).read().split())\nprint(999999)";
      const { failure, values, log } = await scored("nsml", { "evaluation.py": script });
      expect({ failure, values }).toEqual({ failure: null, values: [{ "score/score": 999999 }] });
      expect(log[0]).toBe("read ['secret-1', 'wrong']");
    });

    test("labels lie where such a script has learned to look", async () => {
      if (sandbox === "none") return;
      const script = "print(len(open('/data/contest-one/test/test_label').read()))";
      expect((await scored("nsml", { "evaluation.py": script })).values).toEqual([
        { "score/score": LABELS.length },
      ]);
    });

    test("Codabench: the command's places are filled; scores.json and scores.txt are read, unknown keys are not", async () => {
      const json = codabench
        .replace("FILE", "'scores.json'")
        .replace("WRITE", "lambda n: json.dumps({'right': n, 'detail': 'x'})");
      const text = codabench
        .replace("FILE", "'scores.txt'")
        .replace("WRITE", "lambda n: f'right: {n}\\nother: 3\\n'");
      for (const [metadata, script] of [
        ["description: mine\ncommand: python3 $program/score.py $input $output\n", json],
        ["command: python /app/program/score.py /app/input /app/output\n", json],
        ["commands:\n  - 'python3 score.py \u0024{input} \u0024{output}'\n", text],
      ] as const) {
        const program = { metadata, "score.py": script };
        expect(
          await scored("codabench", program, { wanted: ["right"], optional: ["private_right"] }),
        ).toMatchObject({
          failure: null,
          values: [{ "score/right": 1 }],
        });
      }
    });

    test("a program that gives no number, or fails, ends the session with what was wrong, and reports nothing", async () => {
      for (const [script, words] of [
        ["print('nan')", "is nan, which no board can rank"],
        ["print('inf')", "is inf"],
        ["print('well done')", "is no number"],
        ["pass", "printed nothing"],
        ["import sys; sys.exit(3)", "ended with exit code 3"],
        ["import os; os.kill(os.getpid(), 9)", "was ended by signal 9"],
      ] as const) {
        const { failure, values } = await scored("nsml", { "evaluation.py": script });
        expect(failure).toMatchObject({ code: "user_error", message: expect.stringContaining(words) });
        expect(values).toEqual([]);
      }
      const silent = await scored("codabench", { "metadata.yaml": "command: python3 -c pass" });
      expect(silent.failure?.message).toContain("neither output/scores.json nor output/scores.txt");
      const none = await scored("codabench", { "evaluation.py": "" });
      expect(none.failure?.message).toContain("no metadata file");
      const other = await scored("nsml", { "evaluation.py": "print(1)" }, { wanted: ["points"] });
      expect(other.failure?.message).toContain('no value called "points"; it gave score');
    });

    test("an endless loop is ended at its time, with all that it has started", async () => {
      const word = `word-${sandbox}-endless`;
      const script = `import subprocess, sys, time\nsubprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)", "${word}"])\nwhile True: print("on and on", flush=True); time.sleep(0.05)`;
      const { failure } = await scored(
        "nsml",
        { "evaluation.py": script },
        { timeout_ms: 4_000, grace_ms: 200 },
      );
      expect(failure?.code).toBe("timeout");
      expect(TestRunner.alive(word)).toEqual([]);
    });

    test("more memory than it may have is the end of it", async () => {
      const script = "block = []\nwhile True: block.append(bytearray(32 * 1024 ** 2))";
      const resources = resourcesSchema.parse({ memory_bytes: 128 * MIB });
      const { failure, values } = await scored("nsml", { "evaluation.py": script }, { resources });
      expect(failure).not.toBeNull();
      expect(values).toEqual([]);
    });

    test("it can neither change labels and predictions nor reach a network", async () => {
      if (sandbox === "none") return;
      const script = `
import socket, sys
score = 0
for path in (sys.argv[2], "/data/contest-one/test/test_label", "/etc/passwd", "/opt/podium/sdk/x"):
    try:
        open(path, "a").write("x")
    except OSError:
        score += 1
try:
    socket.create_connection(("127.0.0.1", ${new URL(hub.url).port}), 2)
except OSError:
    score += 1
print(score)`;
      expect((await scored("nsml", { "evaluation.py": script })).values).toEqual([{ "score/score": 5 }]);
    });
  });
}
