// `npm run generate`: openapi.yaml and the clients' types from the hub's routes, migrations from its tables.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { generateContract } from "./generate/contract.ts";
import { generateMigrations } from "./generate/migrations.ts";
import { rootDir } from "./setup/paths.mjs";

try {
  for (const [path, text] of Object.entries(await generateContract())) {
    mkdirSync(dirname(join(rootDir, path)), { recursive: true });
    writeFileSync(join(rootDir, path), text);
    console.log(`wrote ${path}`);
  }
  console.log(`migrations: ${await generateMigrations()}`);
} catch (error) {
  console.error(`podium: ${(error as Error).message}`);
  process.exit(1);
}
