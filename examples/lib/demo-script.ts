import { join } from "node:path";
import { slugSchema } from "@podium/shared/slug";
import { parse } from "yaml";
import { z } from "zod";

const run = {
  team: slugSchema,
  folder: z.string().min(1).describe("Code to push, relative to the example's folder"),
  args: z.string().describe("Arguments of main.py, as typed after `podium run`"),
  checkpoint: z.string().min(1).describe("Name of the checkpoint that is submitted"),
};

const failureSchema = z.discriminatedUnion("kind", [
  z.strictObject({ ...run, kind: z.literal("broken-model") }),
  z.strictObject({ team: slugSchema, kind: z.literal("wrong-ids") }),
]);

/** `demo.yaml`: who takes part in an example's demo, and who fails on the way. */
export const demoScriptSchema = z.strictObject({
  participants: z
    .array(z.strictObject(run))
    .min(1)
    .describe("Each trains and submits in every round it is in"),
  failures: z.array(failureSchema).default([]).describe("Submissions of round 1 that must fail clearly"),
});

export type DemoScript = z.infer<typeof demoScriptSchema>;

/** Reads and checks `demo.yaml` of an example's folder. Throws a ZodError that names the wrong field. */
export async function readDemoScript(exampleFolder: string): Promise<DemoScript> {
  return demoScriptSchema.parse(parse(await Bun.file(join(exampleFolder, "demo.yaml")).text()));
}
