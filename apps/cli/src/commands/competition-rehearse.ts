import type { Command } from "commander";
import { withLinted } from "../bundles/open-bundle.ts";
import type { Cli } from "../cli.ts";
import { type JsonOption, leaf, show } from "../command.ts";
import { refusal } from "../errors.ts";
import { untilInterrupted } from "../follow.ts";
import { table } from "../output.ts";
import { type Check, doubtful, good, wrong } from "../rehearse/check.ts";
import { checkClocks, checkSkew } from "../rehearse/check-clocks.ts";
import { rehearseContest } from "../rehearse/rehearse-contest.ts";
import { finishWith } from "../watch-session.ts";

interface Options extends JsonOption {
  submit: boolean;
  submission: string[];
  code: string[];
  team?: string;
}

const RESULTS = { good: "ok", doubtful: "doubtful", wrong: "NO" } as const;

export function competitionRehearseCommand(cli: Cli): Command {
  return leaf(
    "rehearse",
    "play a competition through before you create it: scores, hostile submissions, limits, rounds",
    "Looks at the folder, its times and the hub's clock, then plays the contest on the hub, in a copy that only you see: good and hostile submissions, limits, boards, survivors. The copy is taken away afterwards.\n\n" +
      "Prints what was tried and GO or NO-GO; the exit code is 1 for NO-GO.",
  )
    .argument("<folder>", "or a zip file")
    .option(
      "--submission <file>",
      "also score this prediction file; may be given more than once",
      collect,
      [],
    )
    .option(
      "--code <folder>",
      "also have the ingestion program run this code; may be given more than once",
      collect,
      [],
    )
    .option("--no-submit", "only look at folder, times and clocks")
    .option("--team <team>", "the team that organizes it (default: your personal team)")
    .action(async (path: string, options: Options) => {
      const checks: Check[] = [];
      const add = (check: Check) => {
        checks.push(check);
        cli.out.progress(`${check.what}: ${RESULTS[check.result]}`);
      };
      await withLinted(path, async ({ findings, contest }) => {
        for (const { line, column, path: field, message, note } of findings) {
          const text = field.length > 0 ? `${field.join(".")}: ${message}` : message;
          add((note ? doubtful : wrong)(`definition ${line}:${column}`, text));
        }
        if (contest === null) return;
        add(good("definition and data", "no problem found"));
        for (const check of await checkWithHub(cli, contest.definition)) add(check);
        if (!options.submit) return;
        const given = {
          ...contest,
          team: options.team,
          submissions: options.submission,
          code: options.code,
          add,
        };
        await untilInterrupted((signal) => rehearseContest(cli, given, signal));
      });
      const go = checks.every(({ result }) => result !== "wrong");
      show(cli, options, { go, submitted: options.submit, checks }, describe);
      if (!go) finishWith(1);
    });
}

const collect = (value: string, before: string[]) => [...before, value];

async function checkWithHub(cli: Cli, definition: Parameters<typeof checkClocks>[0]): Promise<Check[]> {
  const { name } = definition;
  const params = { path: { name } };
  const { response, error } = await cli.api().GET("/api/v1/competitions/{name}", { params });
  if (!response.ok && response.status !== 404) throw refusal(error, response);
  const here = new Date();
  const date = response.headers.get("date");
  const hub = date === null ? null : new Date(date);
  const free = response.ok
    ? wrong("name", `there is a competition "${name}" already: choose another name`)
    : good("name", `"${name}" is free`);
  return [free, checkSkew(hub, here), ...checkClocks(definition, hub ?? here)];
}

function describe({ go, submitted, checks }: { go: boolean; submitted: boolean; checks: Check[] }): string {
  const rows = table(
    checks,
    [
      { title: "CHECKED", value: (row) => row.what },
      { title: "RESULT", value: (row) => RESULTS[row.result] },
      { title: "FOUND", value: (row) => row.detail },
    ],
    "Nothing was checked.",
  );
  const note = submitted
    ? ""
    : "Nothing was submitted: scoring, limits, boards and survivors were not rehearsed.\n";
  return `${rows}\n\n${note}${go ? "GO" : "NO-GO"}`;
}
