import type { Command } from "commander";
import { withLinted } from "../bundles/open-bundle.ts";
import type { Cli } from "../cli.ts";
import { type JsonOption, leaf } from "../command.ts";
import { refuse } from "../competition-bundle.ts";
import { describeFindings } from "../yaml-file.ts";

export function competitionLintCommand(cli: Cli): Command {
  return leaf(
    "lint",
    "find what is wrong with a competition's folder or zip file",
    "Podium's own, Codabench's (version 2) and CodaLab's (1.5). Nothing is sent and no login is needed; every problem comes with its line and column.",
  )
    .argument("<folder>", "or a zip file")
    .action(async (path: string, options: JsonOption) => {
      await withLinted(path, async ({ kind, file, findings, contest }) => {
        if (options.json) cli.out.json({ kind, findings, ok: contest !== null });
        if (contest === null) throw refuse(file, findings);
        if (options.json) return;
        if (findings.length > 0) cli.out.note(describeFindings(file, findings));
        const more = kind === "Podium" ? "" : ` Take it as it is: podium competition create ${path}`;
        cli.out.line(`${path}: a ${kind} competition without a problem.${more}`);
      });
    });
}
