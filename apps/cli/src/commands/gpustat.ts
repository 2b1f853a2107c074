import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { allPages, ok } from "../client.ts";
import { type JsonOption, leaf, show } from "../command.ts";
import { formatAmount, formatMemory, formatShare, meanOf } from "../figures.ts";
import { table } from "../output.ts";
import { findSession } from "../session-ref.ts";
import type { Session, SessionSeries } from "../types.ts";

/** Without a session those that run are shown, so many at most. */
const MOST_SESSIONS = 50;

type Device = SessionSeries["devices"][number];

export function gpustatCommand(cli: Cli): Command {
  return leaf(
    "gpustat",
    "show how busy a session's GPUs are",
    "Measured every 10 s. Without a session: of all sessions that run and that you may see.",
  )
    .argument("[session]", "owner/dataset/N or id")
    .action(async (reference: string | undefined, options: JsonOption) => {
      const sessions = reference === undefined ? await running(cli) : [await findSession(cli, reference)];
      const rows = await Promise.all(sessions.map((session) => devicesOf(cli, session)));
      show(cli, options, rows.flat(), describe);
    });
}

async function running(cli: Cli): Promise<Session[]> {
  return allPages(
    (query) =>
      ok(cli.api().GET("/api/v1/sessions", { params: { query: { ...query, state: "running" as const } } })),
    MOST_SESSIONS,
  );
}

async function devicesOf(cli: Cli, session: Session) {
  const params = { path: { id: session.id }, query: { points: 1000 } };
  const { devices } = await ok(cli.api().GET("/api/v1/sessions/{id}/figures", { params }));
  // Devices of earlier placements are history; of a session that has ended the last ones are shown.
  const held = devices.filter((device) => device.held_until === null);
  const last = devices[0]?.held_from;
  const shown = held.length > 0 ? held : devices.filter((device) => device.held_from === last);
  return shown.map((device) => ({ session: session.name, ...device }));
}

function describe(rows: readonly (Device & { session: string })[]): string {
  const latest = ({ points }: Device) => points.at(-1);
  return table(
    rows,
    [
      { title: "SESSION", value: (row) => row.session },
      { title: "NODE", value: (row) => row.node },
      { title: "GPU", value: (row) => row.index, right: true },
      {
        title: "MODEL",
        value: (row) => (row.milli < 1000 ? `${row.milli / 1000} of ${row.model}` : row.model),
      },
      { title: "BUSY", value: (row) => formatShare(latest(row)?.utilization), right: true },
      {
        title: "MEAN",
        value: (row) => formatShare(meanOf(row.points.map((point) => point.utilization))),
        right: true,
      },
      { title: "MEMORY", value: (row) => formatMemory(latest(row)?.memory_bytes), right: true },
      { title: "TEMP", value: (row) => formatAmount(latest(row)?.temperature_celsius, "°C"), right: true },
      { title: "POWER", value: (row) => formatAmount(latest(row)?.power_watts, "W"), right: true },
    ],
    "No GPUs are held.",
  );
}
