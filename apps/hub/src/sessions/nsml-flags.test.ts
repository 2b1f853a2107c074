import { expect, test } from "bun:test";
import { systemContext } from "../testing/context.ts";
import { withRollback } from "../testing/database.ts";
import { makeMember, makeTree } from "../testing/factories.ts";
import { argumentsFor, nsmlFlags } from "./nsml-flags.ts";

const checkpoint = { name: "7", tree_id: "t" };

test("a script is told of a checkpoint by those of NSML's options that it has, and by no other", () => {
  const base = { kind: "train" as const, args: ["--epochs", "3"], checkpoint };
  expect(argumentsFor({ ...base, nsmlFlags: [] })).toEqual(["--epochs", "3"]);
  expect(argumentsFor({ ...base, nsmlFlags: ["--pause"] })).toEqual(["--epochs", "3", "--pause", "1"]);
  expect(argumentsFor({ ...base, nsmlFlags: ["--pause", "--iteration"] })).toEqual(
    "--epochs 3 --pause 1 --iteration 7".split(" "),
  );
  expect(argumentsFor({ ...base, checkpoint: null, nsmlFlags: ["--pause"] })).toEqual(["--epochs", "3"]);
  expect(argumentsFor({ ...base, kind: "infer", nsmlFlags: ["--pause"] })).toEqual(["--epochs", "3"]);
});

test("the options are found in the entrypoint's text alone", () =>
  withRollback(async (db) => {
    const member = await makeMember(systemContext(db));
    const tree = await makeTree(member, {
      "main.py": "args.add_argument('--pause', type=int)  # --iteration is not one of them",
      "other.py": 'args.add_argument("--iteration")',
    });
    const flags = (entry: string) => db.transaction((tx) => nsmlFlags(member, tx, tree, entry));
    expect(await flags("main.py")).toEqual(["--pause"]);
    expect(await flags("other.py")).toEqual(["--iteration"]);
    expect(await flags("none.py")).toEqual([]);
  }));
