import { useState } from "react";
import type { Node, NodeSeries } from "../../api/types.ts";
import { bytes, cpus } from "../../format/numbers.ts";
import { shareOf } from "../../ui/curve.ts";
import { Curves, SPANS, SpanChoice } from "../../ui/curves.tsx";
import { Facts, Page, Section } from "../../ui/page.tsx";
import { StatePill } from "../../ui/pill.tsx";
import { Empty, Show } from "../../ui/states.tsx";
import { Time } from "../../ui/time.tsx";
import { deviceCurves } from "./device-curves.ts";
import { groupDevices } from "./group-devices.ts";
import { useNodeSeries, useNodes } from "./queries.ts";

const UP = { to: "/nodes", text: "Nodes" };

/** One machine: what is in it, and what it and each of its GPUs did over time. */
export function NodePage({ name }: { name: string }) {
  const nodes = useNodes();
  return (
    <Page title={name} up={UP}>
      <Show answer={nodes} what="the node">
        {(items) => {
          const node = items.find((each) => each.name === name);
          return node ? (
            <NodeView node={node} />
          ) : (
            <Empty title={`There is no node ${name}`}>
              Those that there are, are on the page of all nodes.
            </Empty>
          );
        }}
      </Show>
    </Page>
  );
}

function NodeView({ node }: { node: Node }) {
  const [spanMs, setSpan] = useState<number>(SPANS[0][1]);
  const series = useNodeSeries(node.name, spanMs);
  const side = <SpanChoice spanMs={spanMs} onChange={setSpan} />;
  return (
    <>
      <Section title="What it is">
        <Facts facts={factsOf(node)} />
      </Section>
      <Section title="CPU and memory over time" side={side}>
        <Show answer={series} what="figures">
          {(data) => <MachineCurves data={data} memoryBytes={node.capacity?.memory_bytes ?? 0} />}
        </Show>
      </Section>
      {(node.capacity?.devices.length ?? 0) > 0 && (
        <Section title="GPUs over time">
          <Show answer={series} what="figures">
            {(data) => <DeviceCurves data={data} />}
          </Show>
        </Section>
      )}
    </>
  );
}

function factsOf({ state, capacity, last_seen_at }: Node): Parameters<typeof Facts>[0]["facts"] {
  const gpus = groupDevices(capacity?.devices ?? []).map(
    ({ model, memory_bytes, number }) => `${number} × ${model}, ${bytes(memory_bytes)}`,
  );
  return [
    ["State", <StatePill key="state" state={state} />],
    ["CPU", capacity ? cpus(capacity.cpu_milli) : "not known yet"],
    ["Memory", capacity ? bytes(capacity.memory_bytes) : "not known yet"],
    ["GPUs", gpus.join("; ") || "none"],
    ["Heard from", last_seen_at ? <Time key="seen" at={last_seen_at} /> : "never"],
  ];
}

type Data = NodeSeries & { from: string; to: string };

const NOTHING = <p className="quiet">Nothing has been measured in this time.</p>;

function MachineCurves({ data, memoryBytes }: { data: Data; memoryBytes: number }) {
  const { points, from, to, step_seconds } = data;
  if (points.length === 0) return NOTHING;
  const curveOf = (title: string, share: (point: Data["points"][number]) => number | null) => ({
    title,
    moments: points.map((point) => ({ atMs: Date.parse(point.at), share: share(point) })),
  });
  return (
    <Curves
      of="Share of"
      curves={[
        curveOf("CPU", (point) => point.cpu_share),
        curveOf("memory", (point) => shareOf(point.memory_bytes, memoryBytes)),
      ]}
      span={{ from, to, stepSeconds: step_seconds }}
      note="0 to 100 %"
    />
  );
}

function DeviceCurves({ data }: { data: Data }) {
  const { points, from, to, step_seconds } = data;
  const curves = deviceCurves(points);
  if (curves.length === 0) return NOTHING;
  return (
    <Curves
      of="Utilisation of"
      curves={curves}
      span={{ from, to, stepSeconds: step_seconds }}
      note="0 to 100 % utilisation"
    />
  );
}
