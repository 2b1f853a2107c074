import { expect, setDefaultTimeout, test } from "bun:test";
import { TestHub } from "./testing/test-hub.ts";
import { TestRunner } from "./testing/test-runner.ts";

setDefaultTimeout(30_000);

test("infer by an organizer's program: what it has written comes back, whatever it is called", async () => {
  const hub = new TestHub();
  const runner = await TestRunner.create(hub, { PODIUM_SANDBOX: "none" });
  try {
    await runner.start();
    const kind = "infer" as const;
    const session = hub.assign("", {
      session: { id: "ses_0198c0de0198c0de0198c0de0198c0de", name: "ada/movies/2", kind },
      entrypoint: "metadata.yaml",
      code_tree: hub.addTree({
        "metadata.yaml": "command: python3 $program/ingestion.py $input $output $submission_program\n",
        "ingestion.py":
          "import sys\nsys.path.append(sys.argv[3])\nimport model\n" +
          "open(sys.argv[2] + '/answers.txt', 'w').write(model.predict(open(sys.argv[1] + '/rows.txt').read()))\n",
      }),
      datasets: [
        {
          name: "submission",
          tree_id: hub.addTree({ "model.py": "predict = str.upper\n" }),
          size_bytes: 20,
        },
      ],
      input: { tree_id: hub.addTree({ "rows.txt": "a b" }), id_field: "id" },
    });
    expect(await hub.ended(session)).toMatchObject({ exit_code: 0, failure: null });
    const [output] = hub.recordsOf(session.attempt_id, "output");
    const [file] = output?.entries ?? [];
    expect(file?.path).toBe("answers.txt");
    expect(new TextDecoder().decode(hub.blobs.get(file?.sha256 ?? ""))).toBe("A B");
    expect(hub.violations).toEqual([]);
  } finally {
    await runner.dispose();
    await hub.close();
  }
});
