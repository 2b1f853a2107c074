import type { ServedScript } from "../lib/serving-chain.ts";
import { SAMPLES } from "./samples.ts";

type Spec = { name: string; datatype: string; shape: number[] };

const SPECS: Spec[] = Object.keys(SAMPLES).map((datatype) => ({
  name: `x_${datatype}`,
  datatype,
  shape: [-1, 2],
}));
const X: Spec = { name: "x", datatype: "FP32", shape: [-1, 3] };
const TEXT: Spec = { name: "text", datatype: "BYTES", shape: [-1] };

/** Every datatype in, the same out: a kind of model each. */
export const ECHOES: ServedScript[] = [
  { name: "batch", script: bound("lambda rows: rows", true, SPECS) },
  { name: "single", script: bound("lambda row: row", false, SPECS) },
];

/** The same by scripts that work with numpy. */
export const NUMPY_ECHOES: ServedScript[] = ECHOES.map(({ name, script }) => ({
  name,
  script: `import numpy\n${script}`,
}));

/** Of one input: numbers, doubled; and texts. */
export const OF_ONE_INPUT: ServedScript[] = [
  { name: "raw", script: bound("lambda rows: [[2 * value for value in row] for row in rows]", true, [X]) },
  { name: "text", script: bound("lambda rows: rows", true, [TEXT]) },
];

function bound(infer: string, batch: boolean, specs: Spec[]): string {
  return `
import json, podium
signature = json.loads('''${JSON.stringify({ inputs: specs, outputs: specs })}''')
podium.bind(infer=${infer}, batch=${batch ? "True" : "False"}, signature=signature)
podium.paused()
`;
}
