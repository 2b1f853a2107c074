import type { Command } from "commander";
import { withLinted } from "../bundles/open-bundle.ts";
import type { Cli } from "../cli.ts";
import { type JsonOption, leaf, show } from "../command.ts";
import { refusal } from "../errors.ts";
import { table } from "../output.ts";
import { type Check, checkClocks, checkSkew } from "../rehearse/check-clocks.ts";
import { finishWith } from "../watch-session.ts";

const NOT_REHEARSED = "Nothing was submitted: scoring, limits, boards and survivors were not rehearsed.";

export function competitionRehearseCommand(cli: Cli): Command {
  return leaf(
    "rehearse",
    "check a competition's folder, its times and the hub's clock before you create it",
    "Prints what was checked and GO or NO-GO; the exit code is 1 for NO-GO. It creates and submits nothing, so it says nothing of scoring, limits, boards and survivors.",
  )
    .argument("<folder>", "or a zip file")
    .action(async (path: string, options: JsonOption) => {
      const checks = await withLinted(path, async ({ findings, contest }): Promise<Check[]> => {
        const found = findings.map(({ line, column, path: field, message, note }) => ({
          what: `definition ${line}:${column}`,
          result: note ? ("doubtful" as const) : ("wrong" as const),
          detail: field.length > 0 ? `${field.join(".")}: ${message}` : message,
        }));
        if (contest === null) return found;
        const data: Check = { what: "definition and data", result: "good", detail: "no problem found" };
        return [data, ...found, ...(await checkWithHub(cli, contest.definition))];
      });
      const go = checks.every(({ result }) => result !== "wrong");
      show(cli, options, { go, submitted: false, checks }, describe);
      if (!go) finishWith(1);
    });
}

async function checkWithHub(cli: Cli, definition: Parameters<typeof checkClocks>[0]): Promise<Check[]> {
  const { name } = definition;
  const params = { path: { name } };
  const { response, error } = await cli.api().GET("/api/v1/competitions/{name}", { params });
  if (!response.ok && response.status !== 404) throw refusal(error, response);
  const here = new Date();
  const date = response.headers.get("date");
  const hub = date === null ? null : new Date(date);
  const free: Check = response.ok
    ? {
        what: "name",
        result: "wrong",
        detail: `there is a competition "${name}" already: choose another name`,
      }
    : { what: "name", result: "good", detail: `"${name}" is free` };
  return [free, checkSkew(hub, here), ...checkClocks(definition, hub ?? here)];
}

function describe({ go, checks }: { go: boolean; checks: Check[] }): string {
  const rows = table(
    checks,
    [
      { title: "CHECKED", value: (row) => row.what },
      { title: "RESULT", value: (row) => row.result },
      { title: "FOUND", value: (row) => row.detail },
    ],
    "Nothing was checked.",
  );
  return `${rows}\n\n${NOT_REHEARSED}\n${go ? "GO, as far as it was checked" : "NO-GO"}`;
}
