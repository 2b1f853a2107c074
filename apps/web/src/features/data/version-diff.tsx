import type { DatasetChange, DatasetDiff } from "../../api/types.ts";
import { bytes, count, plural } from "../../format/numbers.ts";
import { queryString } from "../../router/match.ts";
import { navigate } from "../../router/router.tsx";
import { Section, TableScroll } from "../../ui/page.tsx";
import { ShowMore } from "../../ui/show-more.tsx";
import { Empty, Show } from "../../ui/states.tsx";
import { useDiff } from "./queries.ts";

interface VersionDiffProps {
  team: string;
  name: string;
  from: number;
  to: number;
  /** all that there are, newest first */
  numbers: readonly number[];
}

const WORDS: Record<DatasetChange["change"], { text: string; tone: string }> = {
  added: { text: "added", tone: "good" },
  removed: { text: "removed", tone: "bad" },
  changed: { text: "changed", tone: "warn" },
  renamed: { text: "renamed", tone: "busy" },
  mode_changed: { text: "mode changed", tone: "quiet" },
};
const KINDS = Object.keys(WORDS) as DatasetChange["change"][];

/** What changed between two versions, file by file; which two is chosen here and lives in the address. */
export function VersionDiff({ team, name, from, to, numbers }: VersionDiffProps) {
  const diff = useDiff({ team, name, from, to });
  const compare = (versions: { from: number; to: number }) =>
    navigate(
      `/datasets/${team}/${name}${queryString({ from: String(versions.from), to: String(versions.to) })}`,
      { replace: true },
    );
  const first = diff.data?.pages[0];
  const items = diff.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Section
      title="What changed"
      flush
      side={
        <span className="versions">
          <Choice
            label="From version"
            value={from}
            numbers={numbers}
            onChange={(number) => compare({ from: number, to })}
          />
          <span aria-hidden="true">→</span>
          <Choice
            label="To version"
            value={to}
            numbers={numbers}
            onChange={(number) => compare({ from, to: number })}
          />
        </span>
      }
    >
      <Show answer={{ data: first, error: diff.error, refetch: diff.refetch }} what="what changed">
        {({ totals }) => (
          <>
            <Totals totals={totals} />
            {items.length > 0 && <Changes items={items} />}
            <ShowMore of={diff} small>
              Show more of {plural(changed(totals), "file")}
            </ShowMore>
          </>
        )}
      </Show>
    </Section>
  );
}

function Choice(props: {
  label: string;
  value: number;
  numbers: readonly number[];
  onChange: (number: number) => void;
}) {
  return (
    <select
      aria-label={props.label}
      value={props.value}
      onChange={(event) => props.onChange(Number(event.target.value))}
    >
      {props.numbers.map((number) => (
        <option key={number}>{number}</option>
      ))}
    </select>
  );
}

const changed = (totals: DatasetDiff["totals"]) => KINDS.reduce((sum, kind) => sum + totals[kind].files, 0);

function Totals({ totals }: { totals: DatasetDiff["totals"] }) {
  if (changed(totals) === 0)
    return (
      <Empty title="The files are the same">{plural(totals.unchanged.files, "file")}, none differs.</Empty>
    );
  return (
    <p className="card-pad dotted">
      {KINDS.filter((kind) => totals[kind].files > 0).map((kind) => (
        <span key={kind}>
          {count(totals[kind].files)} {WORDS[kind].text}, {bytes(totals[kind].bytes)}
        </span>
      ))}
      <span className="quiet">{count(totals.unchanged.files)} unchanged</span>
    </p>
  );
}

function Changes({ items }: { items: readonly DatasetChange[] }) {
  return (
    <TableScroll label="Changed files">
      <table className="table">
        <thead>
          <tr>
            <th>File</th>
            <th>Change</th>
            <th className="number">Before</th>
            <th className="number">After</th>
          </tr>
        </thead>
        <tbody>
          {items.map((item) => (
            <tr key={item.path}>
              <td className="path">
                <code>{item.path}</code>
                {item.old_path !== null && (
                  <span className="under">
                    was <code>{item.old_path}</code>
                  </span>
                )}
              </td>
              <td>
                <span className={`pill pill-${WORDS[item.change].tone}`}>{WORDS[item.change].text}</span>
                <Mode item={item} />
              </td>
              <td className="number">{item.before ? bytes(item.before.size_bytes) : "–"}</td>
              <td className="number">{item.after ? bytes(item.after.size_bytes) : "–"}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableScroll>
  );
}

function Mode({ item: { before, after } }: { item: DatasetChange }) {
  if (!before || !after || before.executable === after.executable) return null;
  return <span className="under">{after.executable ? "now executable" : "no longer executable"}</span>;
}
