import { ended, logOf, must, type Person, push, waitFor } from "../lib/person.ts";

/** How a session is to end, and what it does until then. */
export type Kind = "succeeds" | "fails" | "is stopped" | "is resumed";

export interface Work {
  kind: Kind;
  id: string;
  /** lines that it writes when nobody stops it */
  lines: number;
}

/** Numbered lines and values, then its end; it saves on the way. */
const SCRIPT = `
import sys, time, podium
kind, lines = sys.argv[1], int(sys.argv[2])
podium.bind(
    save=lambda path: open(path + "/model.txt", "w").write("done"),
    load=lambda path: None,
    infer=lambda rows: [1.0] * len(rows),
)
podium.paused()
for i in range(lines):
    print(f"line {i}", flush=True)
    podium.report(step=i, value=float(i))
    time.sleep(0.1)
if kind == "fails":
    raise ValueError("as it should")
podium.save("last")
`;

const ANSWERED_WITHIN_MS = 60_000;
const ENDS_WITHIN_MS = 150_000;
const ENDLESS = 100_000;

export interface Wish {
  kind: Kind;
  lines: number;
  gpus: number;
  /** Container image; null: whatever the node runs without being told. */
  image: string | null;
}

/** Asks for a session as a careful client does: with the same key again, until there is an answer. */
export async function begin(person: Person, codeTree: string, wish: Wish): Promise<Work> {
  const lines = wish.kind === "is stopped" ? ENDLESS : wish.lines;
  const headers = { "Idempotency-Key": crypto.randomUUID() };
  const body = {
    code_tree: codeTree,
    args: [wish.kind, String(lines)],
    resources: { gpus: wish.gpus, cpu_milli: 150, memory_bytes: 128 * 1024 ** 2, disk_bytes: 64 * 1024 ** 2 },
    ...(wish.image === null ? {} : { image: wish.image }),
  };
  const { id } = await waitFor("a session's acceptance", ANSWERED_WITHIN_MS, async () =>
    must(await person.api.POST("/api/v1/sessions", { headers, body } as never)),
  );
  return { kind: wish.kind, id, lines };
}

/** Pushes the code that all of them run. */
export const pushCode = (person: Person, hubUrl: string): Promise<string> =>
  push(person, hubUrl, { "main.py": SCRIPT });

/** Stops it once it has written a few lines. */
export async function stopLater(person: Person, work: Work, afterLines: number): Promise<void> {
  await reaches(person, work, afterLines);
  await asks(person, work, "stop");
}

/** Pauses it once it has written a few lines, and lets it go on. */
export async function pauseLater(person: Person, work: Work, afterLines: number): Promise<void> {
  await reaches(person, work, afterLines);
  await asks(person, work, "pause");
  const params = { path: { id: work.id } };
  const state = await waitFor(`the pause of ${work.id}`, ENDS_WITHIN_MS, async () => {
    const { state } = must(await person.api.GET("/api/v1/sessions/{id}", { params }));
    return ["paused", "succeeded", "failed"].includes(state) ? state : null;
  });
  if (state === "paused") await asks(person, work, "resume");
}

const reaches = (person: Person, { id }: Work, lines: number) =>
  waitFor(`line ${lines} of ${id}`, ENDS_WITHIN_MS, async () =>
    (await linesOf(person, id)).length > lines ? true : null,
  );

/** With the same key until there is an answer; what has ended meanwhile refuses. */
async function asks(person: Person, { id }: Work, verb: "stop" | "pause" | "resume"): Promise<void> {
  const headers = { "Idempotency-Key": crypto.randomUUID() };
  await waitFor(`an answer to ${verb} ${id}`, ANSWERED_WITHIN_MS, async () => {
    const request = { params: { path: { id } }, headers } as never;
    const { response } = await person.api.POST(`/api/v1/sessions/{id}/${verb}`, request);
    return response.ok || response.status === 409 ? true : null;
  });
}

/** The numbered lines of a session, of all its attempts. */
async function linesOf(person: Person, id: string): Promise<number[]> {
  const log = await logOf(person, id);
  return log.filter((line) => /^line \d+$/.test(line)).map((line) => Number(line.slice(5)));
}

const STATES = {
  succeeds: "succeeded",
  fails: "failed",
  "is stopped": "stopped",
  "is resumed": "succeeded",
} as const;

/** What is wrong with a session's end, its log and its values; nothing: it is as if nobody had been killed. */
export async function faultsOf(person: Person, { id, kind, lines }: Work): Promise<string[]> {
  const end = await ended(person, id, ENDS_WITHIN_MS);
  const faults: string[] = [];
  if (end.state !== STATES[kind])
    faults.push(`${id} ${kind}, and is ${end.state}: ${JSON.stringify(end.failure)}`);
  if (kind === "fails" && !end.failure?.message.includes("as it should"))
    faults.push(`${id} failed for another reason: ${end.failure?.message}`);
  const attempts = attemptsIn(await linesOf(person, id));
  faults.push(...gaps(attempts, "lines").map((gap) => `${id}: ${gap}`));
  if (attempts.length > end.attempt)
    faults.push(`${id} wrote ${attempts.length} logs in ${end.attempt} attempts`);
  const last = attempts.at(-1)?.length ?? 0;
  if (kind !== "is stopped" && last !== lines) faults.push(`${id} wrote ${last} of ${lines} lines`);

  const params = { path: { id }, query: { limit: 5000 } };
  const { items } = must(await person.api.GET("/api/v1/sessions/{id}/metrics", { params }));
  const values = items.filter(({ name }) => name === "value").map(({ value }) => value ?? -1);
  faults.push(...gaps(attemptsIn(values), "values").map((gap) => `${id}: ${gap}`));
  if (STATES[kind] === "succeeded") faults.push(...(await unsaved(person, id)));
  return faults;
}

async function unsaved(person: Person, id: string): Promise<string[]> {
  const params = { path: { id } };
  const { items } = must(await person.api.GET("/api/v1/sessions/{id}/checkpoints", { params }));
  return items.some(({ name }) => name === "last") ? [] : [`${id} has lost its checkpoint`];
}

/** Each attempt counts from 0. */
function attemptsIn(numbers: readonly number[]): number[][] {
  const attempts: number[][] = [];
  for (const number of numbers) {
    if (number === 0) attempts.push([]);
    (attempts.at(-1) ?? attempts[attempts.push([]) - 1])?.push(number);
  }
  return attempts;
}

const gaps = (attempts: readonly number[][], what: string): string[] =>
  attempts.flatMap((numbers) => {
    const at = numbers.findIndex((number, index) => number !== index);
    return at < 0 ? [] : [`its ${what} go on with ${numbers[at]} where ${at} should be`];
  });
