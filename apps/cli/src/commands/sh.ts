import { STREAM_MESSAGE_BYTES } from "@podium/shared";
import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { ok } from "../client.ts";
import { leaf } from "../command.ts";
import { parseCount } from "../quantities.ts";
import { findSession } from "../session-ref.ts";
import { PersonStream, toStdout } from "../stream.ts";
import { finishWith } from "../watch-session.ts";

export function shCommand(cli: Cli): Command {
  return leaf(
    "sh",
    "open a shell inside a running session",
    "It sees the session's files and limits. Its exit code is the shell's; closing it leaves the session as it is.",
  )
    .argument("<session>", "owner/dataset/N or id")
    .option("--rank <number>", "which member of a gang", parseCount, 0)
    .action(async (reference: string, { rank }: { rank: number }) => {
      const { id } = await findSession(cli, reference);
      const { columns = 80, rows = 24 } = process.stdout;
      const opened = await ok(
        cli.api().POST("/api/v1/sessions/{id}/streams", {
          params: { path: { id } },
          body: { kind: "sh", rank, cols: columns, rows },
        }),
      );
      finishWith(await atTerminal(new PersonStream(cli, opened.id, { onData: toStdout })));
    });
}

/** Hands every key to the shell, Ctrl-C too, until it has ended; then the terminal is as it was. */
async function atTerminal(stream: PersonStream): Promise<number> {
  const { stdin, stdout } = process;
  const onKey = (bytes: Buffer) => {
    for (let start = 0; start < bytes.byteLength; start += STREAM_MESSAGE_BYTES)
      stream.write(new Uint8Array(bytes.subarray(start, start + STREAM_MESSAGE_BYTES)));
  };
  const onResize = () => stream.resize(stdout.columns ?? 80, stdout.rows ?? 24);
  // What is piped in ends with Ctrl-D, as typed input does.
  const onEnd = () => stream.write(new Uint8Array([4]));
  if (stdin.isTTY) stdin.setRawMode(true);
  stdin.on("data", onKey);
  stdin.on("end", onEnd);
  stdout.on("resize", onResize);
  stdin.resume();
  try {
    return await stream.ended;
  } finally {
    stdin.off("data", onKey);
    stdin.off("end", onEnd);
    stdout.off("resize", onResize);
    if (stdin.isTTY) stdin.setRawMode(false);
    stdin.pause();
    stream.close();
  }
}
