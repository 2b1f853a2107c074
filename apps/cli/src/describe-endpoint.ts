import { describeSettings } from "./commands/endpoint-edit.ts";
import { printable, table } from "./output.ts";
import { formatTime } from "./quantities.ts";
import type { Binding, Endpoint, VersionFigures } from "./types.ts";

/** An endpoint for people: its addresses, and its versions with their shares. */
export function describeEndpoint({ name, team, urls, settings, bindings }: Endpoint): string {
  const models = table(
    bindings,
    [
      { title: "MODEL", value: (row) => row.model },
      { title: "VERSION", value: (row) => row.version, right: true },
      { title: "SHARE", value: (row) => `${row.percent} %`, right: true },
      { title: "REPLICAS", value: ({ scaling, replicas }) => replicaCounts(scaling, replicas) },
      { title: "STATE", value: (row) => stateText(row) },
    ],
    `No model is bound yet: podium endpoint bind ${name} SESSION CHECKPOINT`,
  );
  const troubles = bindings.flatMap(({ version, scaling: { trouble } }) =>
    trouble === null ? [] : [`version ${version}: ${trouble}`],
  );
  const head = `${name} of ${team}: ${urls.join(", ") || "no gateway is up"}\n${describeSettings(settings)}\n${models}`;
  return bindings.length === 0 ? head : [head, "", replicasTable(bindings), ...troubles].join("\n");
}

/** `2 of 3 (1–4)`: ready, wanted, and between what and what. */
function replicaCounts(
  { wanted, min_replicas, max_replicas }: Binding["scaling"],
  replicas: Binding["replicas"],
) {
  const ready = replicas.filter(({ state }) => state === "ready").length;
  return `${ready} of ${wanted} (${min_replicas}–${max_replicas})`;
}

function replicasTable(bindings: readonly Binding[]): string {
  const running = bindings.flatMap(({ version, replicas }) =>
    replicas.map((replica) => ({ version, ...replica })),
  );
  return table(
    running,
    [
      { title: "VERSION", value: (row) => row.version, right: true },
      { title: "REPLICA", value: (row) => row.session_id },
      { title: "NODE", value: (row) => row.node ?? "–" },
      { title: "STATE", value: (row) => row.state },
      { title: "SINCE", value: (row) => row.since },
      { title: "IN FLIGHT", value: (row) => row.in_flight, right: true },
      { title: "RESTARTS", value: (row) => row.restarts, right: true },
    ],
    "No replica is up.",
  );
}

function stateText({ state, failure, stops_at }: Endpoint["bindings"][number]): string {
  if (failure !== null) return printable(`${state}: ${failure}`);
  if (stops_at === null) return state;
  return state === "draining" ? "ends its last calls" : `${state}, kept until ${formatTime(stops_at)}`;
}

/** What was counted of the versions, and how shadows compare; empty when nothing was. */
export function describeFigures(figures: readonly VersionFigures[]): string {
  const called = figures.filter(({ calls }) => calls > 0);
  const shadows = figures.flatMap(({ version, shadow }) => (shadow ? [{ version, ...shadow }] : []));
  const tables = [
    table(
      called,
      [
        { title: "VERSION", value: (row) => row.version, right: true },
        { title: "CALLS", value: (row) => row.calls, right: true },
        { title: "FAILED", value: (row) => row.errors, right: true },
        { title: "P50", value: (row) => ms(row.p50_ms), right: true },
        { title: "P99", value: (row) => ms(row.p99_ms), right: true },
      ],
      "",
    ),
    table(
      shadows,
      [
        { title: "SHADOW", value: (row) => row.version, right: true },
        { title: "COMPARED", value: (row) => row.compared, right: true },
        { title: "AGREE", value: (row) => share(row.agreement), right: true },
        { title: "NO ANSWER", value: (row) => row.failed, right: true },
        { title: "DROPPED", value: (row) => row.dropped, right: true },
        { title: "MAX DIFF", value: (row) => number(row.max_difference), right: true },
        {
          title: "P50 (CALLERS')",
          value: (row) => `${ms(row.p50_ms)} (${ms(row.primary_p50_ms)})`,
          right: true,
        },
        {
          title: "P99 (CALLERS')",
          value: (row) => `${ms(row.p99_ms)} (${ms(row.primary_p99_ms)})`,
          right: true,
        },
      ],
      "",
    ),
    ...shadows.flatMap(({ worst }) =>
      worst.map(({ at, where, difference }) =>
        printable(
          `  ${formatTime(at)}  ${where}: ${difference === null ? "differs" : `differs by ${number(difference)}`}`,
        ),
      ),
    ),
  ];
  return tables.filter((part) => part !== "").join("\n");
}

const ms = (value: number | null) => (value === null ? "–" : `${Number(value.toPrecision(3))} ms`);
const share = (value: number | null) => (value === null ? "–" : `${Math.floor(value * 10_000) / 100} %`);
const number = (value: number | null) => (value === null ? "–" : String(Number(value.toPrecision(3))));
