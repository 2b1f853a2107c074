// `node scripts/podium.mjs tidy`: the house rules that no other tool knows. Part of `npm run verify`.
import { rootDir } from "./setup/paths.mjs";
import { readRepository } from "./tidy/source.ts";
import { tidy } from "./tidy/tidy.ts";

const findings = tidy(await readRepository(rootDir));
for (const finding of findings) console.log(finding);
process.exit(findings.length > 0 ? 1 : 0);
