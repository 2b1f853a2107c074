// `npm run format`: writes what the formatters (and the linters' safe repairs) want.
import { join } from "node:path";
import { runCommand } from "./generate/command.ts";
import { rootDir } from "./setup/paths.mjs";
import { formatPython } from "./verify/python.ts";

const biome = await runCommand([join(rootDir, "node_modules", ".bin", "biome"), "check", "--write"]);
console.log(biome.output);
for (const path of formatPython()) console.log(`formatted ${path}`);
process.exit(biome.ok ? 0 : 1);
