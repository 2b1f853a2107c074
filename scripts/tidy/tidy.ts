import { bans } from "./rules/bans.ts";
import { deadPaths } from "./rules/dead-paths.ts";
import { fileSize, functionSize } from "./rules/size.ts";
import { verbsAreTested } from "./rules/verbs-are-tested.ts";
import { words } from "./rules/words.ts";
import type { Repository } from "./source.ts";

const RULES = [...bans, fileSize, functionSize, ...words, deadPaths, verbsAreTested];

/** Every breach of the house rules, as `path:line rule: message`. */
export function tidy(repository: Repository): string[] {
  return repository.files.flatMap((file) =>
    RULES.flatMap((rule) =>
      rule
        .check(file, repository)
        .map(({ path, line, message }) => `${path}:${line} ${rule.name}: ${message}`),
    ),
  );
}
