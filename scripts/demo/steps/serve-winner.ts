import { join } from "node:path";
import { bindingSchema, endpointSchema, newEndpointKeySchema, type RoundDefinition } from "@podium/shared";
import { z } from "zod";
import { infer } from "../../../examples/lib/solutions.ts";
import { check } from "../check.ts";
import { inputRows } from "../input-rows.ts";
import type { Summary } from "../summary.ts";
import { participant, type World } from "../world.ts";
import { callPlain, callTensors } from "./call-endpoint.ts";

type Value = string | number;

const ROWS = 20;

interface Winner {
  team: string;
  session: string;
  checkpoint: string;
}

/**
 * The winner's model goes behind an endpoint; rows of the test inputs are sent to it as plain JSON and by the Open
 * Inference Protocol, and both answers must be those of the same model run on this machine.
 */
export async function serveWinner(
  world: World,
  winner: Winner,
  round: RoundDefinition,
): Promise<Summary["inference"]> {
  const person = participant(world, winner.team);
  const endpoint = world.definition.name;
  const rows = (await inputRows(join(world.bundleFolder, round.inputs))).slice(0, ROWS);
  world.display.state(winner.team, `binds ${winner.session} to the endpoint ${endpoint}`);

  const serve = async () => {
    await person.ask(endpointSchema, ["endpoint", "create", endpoint]);
    const [, { key }] = await Promise.all([
      person.ask(bindingSchema, ["endpoint", "bind", endpoint, winner.session, winner.checkpoint]),
      person.ask(newEndpointKeySchema, ["endpoint", "key", endpoint, "--name", "demo"]),
    ]);
    return key;
  };
  const [key, local] = await Promise.all([serve(), predictHere(world, winner, rows)]);

  const plain = await callPlain(world, endpoint, key, rows);
  const tensors = await callTensors(world, endpoint, key, rows);
  const matches = sameValues(plain.outputs, local) && sameValues(tensors.outputs, local);
  check(
    matches,
    `the endpoint answers what the model answers here (${plain.outputs[0]} against ${local[0]})`,
  );
  world.display.note(
    `${endpoint} at ${world.stack.gatewayUrl} answers ${rows.length} rows as the model does here.`,
  );
  return { endpoint, status: plain.status, outputs: plain.outputs, matches_local: matches };
}

/** The winner's code and checkpoint as Podium kept them, run with this machine's Python. */
async function predictHere(world: World, winner: Winner, rows: readonly object[]): Promise<Value[]> {
  const person = participant(world, winner.team);
  const folder = join(world.workFolder, "winner");
  const code = join(folder, "code");
  const inputs = join(folder, "inputs.jsonl");
  const predictions = join(folder, "predictions.jsonl");
  await Promise.all([
    person.ask(z.unknown(), ["pull", winner.session, code]),
    person.ask(z.unknown(), [
      "pull",
      winner.session,
      winner.checkpoint,
      join(folder, ".podium/checkpoints/best"),
    ]),
    Bun.write(inputs, rows.map((row) => `${JSON.stringify(row)}\n`).join("")),
  ]);
  const { exitCode, stderr } = await infer(folder, code, inputs, predictions);
  if (exitCode !== 0) throw new Error(`The winner's model does not run here:\n${stderr}`);
  const lines = (await Bun.file(predictions).text()).trim().split("\n");
  return lines.map(
    (line) => z.object({ prediction: z.union([z.number(), z.string()]) }).parse(JSON.parse(line)).prediction,
  );
}

/** Texts the same; numbers equal but for the last digits, which may depend on the size of a batch. */
function sameValues(a: readonly Value[], b: readonly Value[]): boolean {
  return a.length === b.length && a.every((value, i) => isSame(value, b[i]));
}

function isSame(a: Value, b: Value | undefined): boolean {
  if (typeof a !== "number" || typeof b !== "number") return String(a) === String(b);
  return Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(a), Math.abs(b));
}
