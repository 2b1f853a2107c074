import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { ok } from "../client.ts";
import { type JsonOption, leaf } from "../command.ts";
import { parseCount } from "../quantities.ts";
import { findSession } from "../session-ref.ts";
import { PersonStream, toStdout } from "../stream.ts";
import { finishWith } from "../watch-session.ts";

export function execCommand(cli: Cli): Command {
  return leaf(
    "exec",
    "evaluate Python inside a running session",
    "The script does it at its next podium.report() or save(), in the scope that it gave report(scope=locals()), else among " +
      "its global names. The exit code is 1 when it raised.\n\nExample: podium exec ann/films/3 'optimizer.lr'",
  )
    .argument("<session>", "owner/dataset/N or id")
    .argument("<code>")
    .option("--rank <number>", "which member of a gang", parseCount, 0)
    .action(async (reference: string, code: string, options: JsonOption & { rank: number }) => {
      const { id } = await findSession(cli, reference);
      const body = { kind: "exec" as const, code, rank: options.rank };
      const opened = await ok(
        cli.api().POST("/api/v1/sessions/{id}/streams", { params: { path: { id } }, body }),
      );
      const parts: Uint8Array[] = [];
      const keep = async (bytes: Uint8Array) => void parts.push(bytes);
      const stream = new PersonStream(cli, opened.id, { onData: options.json ? keep : toStdout });
      const exitCode = await stream.ended.finally(() => stream.close());
      if (options.json) cli.out.json({ ok: exitCode === 0, text: Buffer.concat(parts).toString() });
      finishWith(exitCode);
    });
}
