import { copyFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";

const moduleSchema = z.object({
  buildData: z.function({ input: [z.string()], output: z.promise(z.unknown()) }),
});

/** Builds an example's data from the npm packages it comes from, beside a copy of its competition.yaml. */
export async function prepareBundle(exampleFolder: string, bundleFolder: string): Promise<void> {
  await mkdir(bundleFolder, { recursive: true });
  const { buildData } = moduleSchema.parse(await import(join(exampleFolder, "build-data.ts")));
  await buildData(bundleFolder);
  await copyFile(join(exampleFolder, "competition.yaml"), join(bundleFolder, "competition.yaml"));
}
