import { commitmentHash, commitmentSchema } from "@podium/shared";
import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { ok } from "../client.ts";
import { leaf, show } from "../command.ts";
import { CliError } from "../errors.ts";
import { createDigest } from "../read-local.ts";
import { treeIdOf } from "../tree-id.ts";

interface Options {
  labels?: string;
  scorer?: string;
  hash?: string;
  json?: boolean;
}

export function competitionVerifyCommand(cli: Cli): Command {
  return leaf(
    "verify",
    "check that a revealed round was scored with what its organizer had bound itself to",
    "The hash that was published when the round opened is worked out again here. With the labels' file, or the program's folder, that the organizer has given out, those are checked too: under the names that they had in the contest.",
  )
    .argument("<name>")
    .argument("<round>")
    .option("--hash <hash>", "the hash as you noted it while the round was open")
    .option("--labels <file>", "labels that the organizer has given out")
    .option("--scorer <folder>", "scoring program that the organizer has given out")
    .action(async (name: string, roundName: string, options: Options) => {
      const competition = await ok(
        cli.api().GET("/api/v1/competitions/{name}", { params: { path: { name } } }),
      );
      const round = competition.rounds.find((each) => each.name === roundName);
      if (!round) throw new CliError(`${name} has no round "${roundName}".`);
      const { commitment, committed, labels_replaced } = round;
      if (commitment === null) throw new CliError("This round has published no hash: it has not opened yet.");
      if (committed === null)
        throw new CliError(`This round has not been revealed yet. Keep its hash until then:\n${commitment}`);
      const parts = commitmentSchema.parse(committed);
      const checks = [
        { what: "published hash", fits: commitmentHash(parts, createDigest) === commitment },
        ...(options.hash === undefined ? [] : [{ what: "your hash", fits: options.hash === commitment }]),
        ...(await fileCheck("labels", options.labels, parts.labels_tree)),
        ...(await fileCheck("scorer", options.scorer, parts.scorer_tree)),
      ];
      const replaced = labels_replaced === true;
      show(cli, options, { commitment, committed, checks, replaced }, () =>
        [
          ...checks.map(({ what, fits }) => `${what}: ${fits ? "fits" : "DOES NOT FIT"}`),
          ...(replaced
            ? ["Labels or scorer were replaced by a rejudging since: its reason is in the contest's history."]
            : []),
        ].join("\n"),
      );
      if (checks.some(({ fits }) => !fits))
        throw new CliError("The round was not scored with what its organizer had bound itself to.");
    });
}

async function fileCheck(what: string, path: string | undefined, tree: string | null) {
  return path === undefined ? [] : [{ what, fits: (await treeIdOf(path)) === tree }];
}
