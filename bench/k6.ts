// The mixed scenario of bench/k6/gateway.js against a gateway with two replicas of a Python model. Needs k6 in PATH, or --k6 FILE.
import { parseArgs } from "node:util";
import { ReplicatedModels } from "../tests/lib/serving/replicated-models.ts";
import { K6_MODEL } from "./lib/k6-model.ts";

const { values: options } = parseArgs({
  options: {
    k6: { type: "string" },
    seconds: { type: "string", default: "30" },
    /** of the script's rates, 330 calls a second */
    scale: { type: "string", default: "1" },
  },
});

const SCRIPT = Bun.fileURLToPath(new URL("./k6/gateway.js", import.meta.url));
const KEY = "pdk_of-the-bench";
const NAME = "model-1";

const program = options.k6 ?? Bun.which("k6");
if (!program) {
  console.error("k6 is not installed. With Go: go install go.k6.io/k6@latest; see bench/k6/README.md.");
  process.exit(2);
}
const model = { name: NAME, script: K6_MODEL, replicas: 2 };
const models = await ReplicatedModels.start([model], [KEY]);
try {
  const given = {
    URL: `${models.url}/${NAME}`,
    KEY,
    DURATION: `${options.seconds}s`,
    SCALE: options.scale,
  };
  const pairs = Object.entries(given).flatMap(([name, value]) => ["-e", `${name}=${value}`]);
  const k6 = Bun.spawn([program, "run", "--no-usage-report", ...pairs, SCRIPT], {
    stdin: "ignore",
    stdout: "inherit",
    stderr: "inherit",
  });
  process.exitCode = await k6.exited;
} finally {
  await models[Symbol.asyncDispose]();
}
