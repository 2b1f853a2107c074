import type { Node } from "../../api/types.ts";
import { bytes, count, cpus, plural } from "../../format/numbers.ts";
import { Facts, Page } from "../../ui/page.tsx";
import { StatePill } from "../../ui/pill.tsx";
import { Empty, Show } from "../../ui/states.tsx";
import { Time } from "../../ui/time.tsx";
import { ClusterChart } from "./cluster-chart.tsx";
import { groupDevices } from "./group-devices.ts";
import { LiveTable } from "./live-table.tsx";
import { useCluster, useNodes } from "./queries.ts";

/** The machines of the cluster, what is in them and how much of it is free. */
export function NodesPage() {
  const nodes = useNodes();
  return (
    <Page
      title="Nodes"
      lead="Machines that run sessions. Each holds devices; a device belongs to one session at a time, or to several that each asked for a share."
    >
      <ClusterFigures />
      <ClusterChart />
      <Show answer={nodes} what="nodes">
        {(items) =>
          items.length === 0 ? (
            <Empty title="No node has joined yet">
              An administrator makes a join token; on the machine with the devices one then starts the runner
              with that token and this hub's address.
            </Empty>
          ) : (
            <>
              <LiveTable nodes={items} />
              <ul className="cards">
                {items.map((node) => (
                  <NodeCard key={node.id} node={node} />
                ))}
              </ul>
            </>
          )
        }
      </Show>
    </Page>
  );
}

function ClusterFigures() {
  const { data } = useCluster();
  if (!data) return null;
  const figures = [
    ["Nodes", count(data.nodes)],
    ["Devices in use", `${count(data.devices_in_use)} of ${count(data.devices)}`],
    ["Sessions running", count(data.sessions_running)],
    ["Sessions waiting", count(data.sessions_queued)],
  ] as const;
  return (
    <dl className="tiles">
      {figures.map(([name, value]) => (
        <div key={name} className="figure">
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function NodeCard({ node }: { node: Node }) {
  const { capacity } = node;
  return (
    <li className="card tile">
      <div className="tile-head">
        <h2>{node.name}</h2>
        <StatePill state={node.state} />
      </div>
      {capacity ? (
        <>
          <Devices node={node} />
          <Facts
            facts={[
              ["CPU", cpus(capacity.cpu_milli)],
              ["Memory", bytes(capacity.memory_bytes)],
              ["Runs sessions as", capacity.executors.join(", ")],
            ]}
          />
        </>
      ) : (
        <p className="quiet">
          Has joined, but has not yet said what it holds. It shows here once its runner is up.
        </p>
      )}
      <p className="tile-foot">
        {node.last_seen_at ? (
          <span>
            heard from <Time at={node.last_seen_at} />
          </span>
        ) : (
          <span>never heard from</span>
        )}
      </p>
    </li>
  );
}

function Devices({ node }: { node: Node }) {
  const devices = node.capacity?.devices ?? [];
  if (devices.length === 0) return <p className="tile-text">No GPUs: runs sessions on its CPUs.</p>;
  const used = devices.length - node.free_devices;
  return (
    <div className="devices">
      <div className="device-row" role="img" aria-label={`${used} of ${devices.length} devices in use`}>
        {devices.map((device, index) => (
          <span
            key={device.uuid}
            className={index < used ? "device device-used" : "device"}
            title={`#${device.index} ${device.model}, ${bytes(device.memory_bytes)}`}
          />
        ))}
      </div>
      <ul className="device-list">
        {groupDevices(devices).map(({ model, memory_bytes, number }) => (
          <li key={`${model} ${memory_bytes}`}>
            {number} × {model}, {bytes(memory_bytes)} each
          </li>
        ))}
      </ul>
      <p className="quiet">
        {plural(node.free_devices, "device")} free of {devices.length}
        {node.free_gpu_milli > 1000 * node.free_devices &&
          `, and ${(node.free_gpu_milli - 1000 * node.free_devices) / 1000} of those in use`}
      </p>
    </div>
  );
}
