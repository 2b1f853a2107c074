import { readFileSync } from "node:fs";
import type { Target } from "../load.ts";
import type { ChainModel, Served } from "../whole-chain.ts";
import { openInferenceTarget, plainTarget, type Scenario } from "./scenarios.ts";

/** The peers' own model, so that all compute the same. */
const MODEL = readFileSync(new URL("../../peers/model.py", import.meta.url), "utf8");
const tensor = (name: string, shape: number[]) => ({ name, datatype: "FP32", shape });
const IMAGES = { inputs: [tensor("x", [-1, 3, 224, 224])], outputs: [tensor("means", [-1, 3])] };

/** What Podium serves in the comparison; both images are one endpoint, asked in two ways. */
export const OWN_MODELS: readonly ChainModel[] = [
  { name: "noop", script: script("def infer(rows):\n    return rows", "infer=infer") },
  {
    name: "mlp",
    script: script(
      'def infer(rows):\n    return [{"y": y} for y in mlp([row["x"] for row in rows])]',
      "infer=infer",
    ),
  },
  {
    name: "image",
    script: script(
      "def infer(rows):\n    return [channel_means(row[None]) for row in rows]",
      `infer=infer, signature=json.loads('${JSON.stringify(IMAGES)}')`,
    ),
  },
];

function script(infer: string, bound: string): string {
  const states =
    'save=lambda path: open(path + "/model", "w").write("its weights are made by seed"), load=lambda path: None';
  return `${MODEL}\nimport json, podium\n\n${infer}\n\npodium.bind(${states}, ${bound})\npodium.paused()\npodium.save("model")\n`;
}

/** @param served by the name of the endpoint @throws when the model is not served */
export function ownTarget(scenario: Scenario, served: ReadonlyMap<string, Served>): Target {
  const isImage = scenario.startsWith("image");
  const model = served.get(isImage ? "image" : scenario);
  if (!model) throw new Error(`Nothing serves ${scenario}.`);
  const url = isImage ? new URL("/v2/models/image/infer", model.url).href : model.url;
  const target = isImage ? openInferenceTarget(scenario, url) : plainTarget(scenario, url);
  return { ...target, headers: { ...target.headers, authorization: `Bearer ${model.key}` } };
}
