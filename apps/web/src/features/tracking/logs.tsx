import { useMemo, useRef, useState } from "react";
import type { LogLine } from "../../api/types.ts";
import { count, plural } from "../../format/numbers.ts";
import { Section } from "../../ui/page.tsx";
import { Empty, Show } from "../../ui/states.tsx";
import { Time } from "../../ui/time.tsx";
import { plainLine } from "./log-text.ts";
import { type Logs as LogsData, useLogs } from "./queries.ts";
import { type Following, useFollowing } from "./use-following.ts";

const WINDOW = 1000;

/** A session's log: follows its end while one is there, pauses when one scrolls up, finds text. */
export function Logs({ id, waiting, isGang }: { id: string; waiting: boolean; isGang: boolean }) {
  const logs = useLogs(id);
  const [wanted, setWanted] = useState("");
  return (
    <Section
      title="Logs"
      flush
      side={
        <input
          type="search"
          className="search"
          placeholder="Find in the log"
          aria-label="Find in the log"
          value={wanted}
          onChange={(event) => setWanted(event.target.value)}
        />
      }
    >
      <Show answer={logs} what="the log">
        {(data) =>
          data.items.length === 0 ? (
            <Empty title={waiting ? "Nothing written yet" : "This session wrote nothing"}>
              {waiting
                ? "Lines appear here as soon as the session writes them."
                : "What a program prints to its output appears here."}
            </Empty>
          ) : (
            <LogView data={data} wanted={wanted} isGang={isGang} />
          )
        }
      </Show>
    </Section>
  );
}

function LogView({ data, wanted, isGang }: { data: LogsData; wanted: string; isGang: boolean }) {
  const box = useRef<HTMLDivElement>(null);
  const [shown, setShown] = useState(WINDOW);
  const lines = useMemo(() => linesWith(data.items, wanted, isGang), [data.items, wanted, isGang]);
  const follow = useFollowing(box, lines.length);
  const start = Math.max(0, follow.end - shown);

  return (
    <div className="log-frame">
      <div
        className="log"
        ref={box}
        onScroll={follow.scrolled}
        onKeyDown={(event) => event.key === "End" && follow.resume()}
        role="log"
        aria-live="off"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
        tabIndex={0}
        aria-label="Log lines"
      >
        {start > 0 && (
          <button type="button" className="log-earlier" onClick={() => setShown(shown + WINDOW)}>
            Show {count(Math.min(WINDOW, start))} earlier lines
          </button>
        )}
        {lines.slice(start).map((line) => (
          <Line key={line.seq} line={line} />
        ))}
        {lines.length === 0 && <p className="log-none">No line has “{wanted.trim()}” in it.</p>}
      </div>
      <footer className="log-foot">
        <span>
          {wanted.trim() === "" ? "" : `${count(lines.length)} of `}
          {plural(data.items.length, "line")}
          {data.complete ? ", complete" : ""}
        </span>
        {!data.complete && <FollowButton follow={follow} missed={lines.length - follow.end} />}
      </footer>
    </div>
  );
}

function FollowButton({ follow, missed }: { follow: Following; missed: number }) {
  if (follow.following) {
    return (
      <button type="button" className="button small" onClick={follow.pause}>
        Pause
      </button>
    );
  }
  return (
    <button type="button" className="button small" onClick={follow.resume}>
      {missed > 0 ? `Follow (${plural(missed, "new line")})` : "Follow"}
    </button>
  );
}

/** The lines as a terminal leaves them, a gang's with who said them; of these the ones that have the wanted text. */
function linesWith(items: readonly LogLine[], wanted: string, isGang: boolean): LogLine[] {
  const plain = items.map((line) => {
    const text = plainLine(line.text);
    return { ...line, text: isGang ? `[${line.rank}] ${text}` : text };
  });
  const needle = wanted.trim().toLowerCase();
  return needle === "" ? plain : plain.filter((line) => line.text.toLowerCase().includes(needle));
}

function Line({ line }: { line: LogLine }) {
  return (
    <div className="log-line">
      <span className="log-time">
        <Time at={line.at} style="clock" />
      </span>
      <span className="log-text">{line.text === "" ? "\u00a0" : line.text}</span>
    </div>
  );
}
