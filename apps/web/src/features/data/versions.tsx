import type { Dataset, DatasetVersion } from "../../api/types.ts";
import { bytes, count } from "../../format/numbers.ts";
import { TableScroll } from "../../ui/page.tsx";
import { Empty } from "../../ui/states.tsx";
import { Time } from "../../ui/time.tsx";

/** A dataset's versions, newest first. */
export function Versions({ dataset, versions }: { dataset: Dataset; versions: readonly DatasetVersion[] }) {
  if (versions.length === 0) {
    return (
      <Empty title="No version yet">
        Push one:{" "}
        <code>
          podium dataset push {dataset.team}/{dataset.name} FOLDER
        </code>
      </Empty>
    );
  }
  return (
    <TableScroll label="Versions">
      <table className="table">
        <thead>
          <tr>
            <th className="number">Version</th>
            <th>Pushed</th>
            <th>By</th>
            <th className="number">Files</th>
            <th className="number">Size</th>
            <th>Note</th>
          </tr>
        </thead>
        <tbody>
          {versions.map((version) => (
            <tr key={version.id}>
              <td className="number strong">{version.number}</td>
              <td className="nowrap">
                <Time at={version.created_at} />
              </td>
              <td>{version.author ?? <span className="quiet">–</span>}</td>
              <td className="number">{count(version.files)}</td>
              <td className="number">{bytes(version.size_bytes)}</td>
              <td className="wrap">{version.note || <span className="quiet">–</span>}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableScroll>
  );
}
