import type { Attempt } from "@podium/shared";
import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { ok } from "../client.ts";
import { type JsonOption, leaf, show } from "../command.ts";
import { hasEnded } from "../follow.ts";
import { needsOf } from "../needs.ts";
import { printable, table } from "../output.ts";
import { formatTime } from "../quantities.ts";
import { findSession } from "../session-ref.ts";
import type { Session } from "../types.ts";
import { joinWords } from "../words.ts";

interface Shown {
  session: Session;
  attempts: Attempt[];
  alerts: { text: string }[];
}

export function showCommand(cli: Cli): Command {
  return leaf(
    "show",
    "show a session: its state, where it ran, and up to where its log and metrics are complete",
  )
    .argument("<session>", "owner/dataset/N or id")
    .action(async (reference: string, options: JsonOption) => {
      const session = await findSession(cli, reference);
      const params = { path: { id: session.id } };
      const [attempts, alerts] = await Promise.all([
        ok(cli.api().GET("/api/v1/sessions/{id}/attempts", { params })),
        ok(cli.api().GET("/api/v1/sessions/{id}/alerts", { params })),
      ]);
      const shown = { session, attempts: attempts.items as Attempt[], alerts: alerts.items };
      show(cli, options, shown, describe);
    });
}

function describe({ session, attempts, alerts }: Shown): string {
  const { name, kind, state, failure, entrypoint, args, memo } = session;
  const facts = [
    `${name} (${kind}): ${state}`,
    ...(failure ? [`${failure.message}${failure.location ? ` (${failure.location})` : ""}`] : []),
    ...alerts.map(({ text }) => text),
    `Runs: ${[entrypoint, joinWords(args)].filter(Boolean).join(" ")}`,
    `Needs: ${needsOf(session)}`,
    ...(session.datasets.length > 0 ? [`Data: ${session.datasets.join(", ")}`] : []),
    ...(session.forked_from ? [forkOf(session.forked_from)] : []),
    timesOf(session),
    ...(memo === "" ? [] : [`Memo: ${memo}`]),
    completeness(session, attempts),
  ];
  const list = table(
    attempts,
    [
      { title: "ATTEMPT", value: (row) => row.number, right: true },
      ...(session.nodes > 1 ? [{ title: "MEMBER", value: (row: Attempt) => row.rank, right: true }] : []),
      { title: "NODE", value: (row) => row.node },
      { title: "FROM", value: (row) => formatTime(row.started_at ?? row.created_at) },
      { title: "TO", value: (row) => formatTime(row.ended_at) },
      { title: "ENDED", value: endingOf },
      { title: "RECORDS", value: (row) => row.records, right: true },
      { title: "LAST RECORD", value: (row) => formatTime(row.recorded_until) },
    ],
    "It has not been placed yet.",
  );
  return `${facts.map(printable).join("\n")}\n\n${list}`;
}

function forkOf({ name, checkpoint }: NonNullable<Session["forked_from"]>): string {
  return `Forked from: ${name}${checkpoint === null ? "" : `, checkpoint ${checkpoint}`}`;
}

function timesOf({ created_at, started_at, ended_at, retry_at }: Session): string {
  const times = [
    ["made", created_at],
    ["started", started_at],
    ["ended", ended_at],
    ["tried again", retry_at],
  ] as const;
  const known = times.flatMap(([what, at]) => (at === null ? [] : `${what} ${formatTime(at)}`)).join(", ");
  return known.charAt(0).toUpperCase() + known.slice(1);
}

/** Up to where what it wrote has arrived, and what never will. */
function completeness(session: Session, attempts: readonly Attempt[]): string {
  const lost = attempts.filter(({ state }) => state === "lost");
  const missing = lost.map(
    ({ number, recorded_until, ended_at }) =>
      ` Attempt ${number} was lost at ${formatTime(ended_at)}: what it wrote after ${recorded_until === null ? "its beginning" : formatTime(recorded_until)} is missing.`,
  );
  const last = attempts.at(-1);
  if (!last) return "Log and metrics: nothing yet.";
  const until =
    last.complete || hasEnded(session)
      ? "all there"
      : last.recorded_until === null
        ? "nothing yet"
        : `complete up to ${formatTime(last.recorded_until)} (record ${last.records})`;
  return `Log and metrics: ${until}.${missing.join("")}`;
}

function endingOf({ state, failure, exit_code, was_ended }: Attempt): string {
  if (state !== "ended" && state !== "lost") return `(${state})`;
  if (failure) return failure.code;
  if (exit_code === 0) return "well";
  return exit_code === null || was_ended ? "stopped" : `exit code ${exit_code}`;
}
