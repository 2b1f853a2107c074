import { existsSync } from "node:fs";
import { join } from "node:path";
import { competitionJsonSchema } from "@podium/shared";
import openapiTS, { astToString } from "openapi-typescript";
import { parse } from "yaml";
import { bunPath, rootDir } from "../setup/paths.mjs";
import { runCommand } from "./command.ts";
import { competitionYamlPage } from "./competition-yaml.ts";

const PRINTER = "apps/hub/src/openapi.ts";
const HEADER = "// Generated from openapi.yaml by `npm run generate`. Do not edit.\n\n";

/** Files made from the hub's routes and the schema of competition.yaml, by path from the root; none while the hub has no routes. Throws when one can't be made. */
export async function generateContract(): Promise<Record<string, string>> {
  if (!existsSync(join(rootDir, PRINTER))) return {};
  const printed = await runCommand([bunPath(), PRINTER]);
  if (!printed.ok) throw new Error(`${PRINTER} could not print the API:\n${printed.output}`);
  const types = astToString(await openapiTS(parse(printed.stdout)));
  return {
    "openapi.yaml": printed.stdout,
    "packages/shared/src/generated/api.ts": HEADER + types,
    "docs/reference/competition-yaml.md": competitionYamlPage(),
    "docs/reference/competition.schema.json": `${JSON.stringify(competitionJsonSchema(), null, 2)}\n`,
  };
}
