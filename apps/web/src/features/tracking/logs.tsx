import { type KeyboardEvent, useLayoutEffect, useMemo, useRef, useState } from "react";
import type { LogLine } from "../../api/types.ts";
import { count, plural } from "../../format/numbers.ts";
import { Section } from "../../ui/page.tsx";
import { Empty, Show } from "../../ui/states.tsx";
import { Time } from "../../ui/time.tsx";
import { plainLine } from "./log-text.ts";
import { type Logs as LogsData, useLogs } from "./queries.ts";

const WINDOW = 1000;
const NEAR_END_PX = 24;

/** A session's log: follows its end while one is there, pauses when one scrolls up, finds text. */
export function Logs({ id, waiting }: { id: string; waiting: boolean }) {
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
            <LogView data={data} wanted={wanted} />
          )
        }
      </Show>
    </Section>
  );
}

function LogView({ data, wanted }: { data: LogsData; wanted: string }) {
  const box = useRef<HTMLDivElement>(null);
  const [following, setFollowing] = useState(true);
  const [shown, setShown] = useState(WINDOW);
  const pausedAt = useRef(0);

  const lines = useMemo(() => linesWith(data.items, wanted), [data.items, wanted]);
  const visible = lines.slice(-shown);

  // new lines are what moves the end
  useLayoutEffect(() => {
    if (following && box.current) box.current.scrollTop = box.current.scrollHeight;
  }, [following, lines]);

  const scrolled = () => {
    const element = box.current;
    if (!element) return;
    const atEnd = element.scrollHeight - element.scrollTop - element.clientHeight < NEAR_END_PX;
    if (!atEnd && following) pausedAt.current = data.items.length;
    setFollowing(atEnd);
  };
  const pause = () => {
    pausedAt.current = data.items.length;
    setFollowing(!following);
  };
  const pressed = (event: KeyboardEvent) => {
    if (event.key !== "End") return;
    event.preventDefault();
    setFollowing(true);
  };
  const missed = following ? 0 : data.items.length - pausedAt.current;

  return (
    <div className="log-frame">
      <div
        className="log"
        ref={box}
        onScroll={scrolled}
        onKeyDown={pressed}
        role="log"
        aria-live="off"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
        tabIndex={0}
        aria-label="Log lines"
      >
        {visible.length < lines.length && (
          <button type="button" className="log-earlier" onClick={() => setShown(shown + WINDOW)}>
            Show {count(Math.min(WINDOW, lines.length - visible.length))} earlier lines
          </button>
        )}
        {visible.map((line) => (
          <Line key={line.seq} line={line} />
        ))}
        {visible.length === 0 && <p className="log-none">No line has “{wanted.trim()}” in it.</p>}
      </div>
      <footer className="log-foot">
        <span>
          {wanted.trim() === ""
            ? plural(data.items.length, "line")
            : `${count(lines.length)} of ${plural(data.items.length, "line")}`}
          {data.complete ? ", complete" : ""}
        </span>
        <button type="button" className="button small" onClick={pause} aria-pressed={!following}>
          {following ? "Pause" : missed > 0 ? `Follow (${plural(missed, "new line")})` : "Follow"}
        </button>
      </footer>
    </div>
  );
}

/** The lines as a terminal leaves them; of these the ones that have the wanted text. */
function linesWith(items: readonly LogLine[], wanted: string): LogLine[] {
  const plain = items.map((line) => ({ ...line, text: plainLine(line.text) }));
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
