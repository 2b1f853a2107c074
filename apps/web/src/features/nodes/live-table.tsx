import type { Node } from "../../api/types.ts";
import { bytes } from "../../format/numbers.ts";
import { Link } from "../../router/router.tsx";
import { Section, TableScroll } from "../../ui/page.tsx";

/** What every node does at the moment; its GPUs' utilisation one by one. */
export function LiveTable({ nodes }: { nodes: readonly Node[] }) {
  return (
    <Section title="Right now" flush>
      <TableScroll label="Figures of the nodes">
        <table className="table">
          <thead>
            <tr>
              <th>Node</th>
              <th className="number">CPU</th>
              <th className="number">Memory</th>
              <th className="number">Disk free</th>
              <th className="number">Network in, out</th>
              <th>GPUs busy</th>
            </tr>
          </thead>
          <tbody>
            {nodes.map((node) => (
              <Row key={node.id} node={node} />
            ))}
          </tbody>
        </table>
      </TableScroll>
    </Section>
  );
}

function Row({ node: { name, state, figures } }: { node: Node }) {
  // What a lost node said last is no figure of now.
  const now = state === "lost" ? null : figures;
  return (
    <tr>
      <td>
        <Link to={`/nodes/${encodeURIComponent(name)}`}>{name}</Link>
      </td>
      <td className="number">{percent(now?.cpu_share)}</td>
      <td className="number">{now ? bytes(now.memory_bytes) : "–"}</td>
      <td className="number">{now ? bytes(now.disk_free_bytes) : "–"}</td>
      <td className="number">
        {rate(now?.network_receive_bytes_per_second)}, {rate(now?.network_send_bytes_per_second)}
      </td>
      <td>
        {now && now.devices.length > 0
          ? now.devices.map((device) => percent(device.utilization)).join(" · ")
          : "–"}
      </td>
    </tr>
  );
}

const percent = (share: number | null | undefined) =>
  share === null || share === undefined ? "–" : `${Math.round(share * 100)} %`;
const rate = (value: number | null | undefined) =>
  value === null || value === undefined ? "–" : `${bytes(value)}/s`;
