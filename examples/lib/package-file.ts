import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Absolute path of a file inside an installed npm package, also where `exports` doesn't list it. */
export function packageFile(name: string, path: string): string {
  const entry = fileURLToPath(import.meta.resolve(name));
  for (let folder = dirname(entry); folder !== dirname(folder); folder = dirname(folder)) {
    if (existsSync(join(folder, "package.json"))) return join(folder, path);
  }
  throw new Error(`The package ${name} has no folder with a package.json above ${entry}. Run: npm run setup`);
}
