import { z } from "zod";
import type { World } from "../world.ts";

const valueSchema = z.union([z.number(), z.string()]);
const tensorsSchema = z.object({ outputs: z.array(z.object({ data: z.array(valueSchema) })).length(1) });

interface Answer {
  status: number;
  outputs: (string | number)[];
}

/** The plain form: a JSON array of rows in, an array of predictions out. */
export async function callPlain(
  world: World,
  endpoint: string,
  key: string,
  rows: readonly object[],
): Promise<Answer> {
  const { status, body } = await post(world, `/${endpoint}`, key, rows);
  return { status, outputs: z.array(valueSchema).parse(body) };
}

/** Open Inference Protocol v2: each row is one BYTES element that holds its JSON. */
export async function callTensors(
  world: World,
  endpoint: string,
  key: string,
  rows: readonly object[],
): Promise<Answer> {
  const data = rows.map((row) => JSON.stringify(row));
  const request = { inputs: [{ name: "rows", datatype: "BYTES", shape: [data.length], data }] };
  const { status, body } = await post(world, `/v2/models/${endpoint}/infer`, key, request);
  return { status, outputs: tensorsSchema.parse(body).outputs.flatMap((output) => output.data) };
}

async function post(
  world: World,
  path: string,
  key: string,
  body: unknown,
): Promise<{ status: number; body: unknown }> {
  const response = await fetch(world.stack.gatewayUrl + path, {
    method: "POST",
    headers: { Authorization: `Bearer ${key}`, "Content-Type": "application/json" },
    body: JSON.stringify(body),
    signal: world.signal,
  });
  if (!response.ok) throw new Error(`POST ${path} was answered ${response.status}: ${await response.text()}`);
  return { status: response.status, body: await response.json() };
}
