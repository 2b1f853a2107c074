/** What became of calls that were made one after another by several callers. */
export interface Calls {
  /** Ends them, and says how many were answered and what was wrong with the others. */
  stop(): Promise<{ answered: number; faults: string[] }>;
  /** how many were answered so far */
  answered(): number;
}

const PAUSE_MS = 20;
const CALL_MS = 60_000;

/** Calls a model that doubles `x` until it is told to stop; each answer must be of its own call. */
export function callSteadily(url: string, callers: number): Calls {
  const faults: string[] = [];
  let answered = 0;
  let isStopping = false;
  const callOne = async (x: number) => {
    const response = await fetch(url, {
      method: "POST",
      body: JSON.stringify([{ x }]),
      signal: AbortSignal.timeout(CALL_MS),
    });
    const text = await response.text();
    if (response.status !== 200 || text !== `[${2 * x}]`) faults.push(`${x}: ${response.status} ${text}`);
    else answered += 1;
  };
  const calling = Array.from({ length: callers }, async (_, caller) => {
    for (let turn = 0; !isStopping; turn += 1) {
      await callOne(caller * 1_000_000 + turn).catch((error) => faults.push(String(error)));
      await Bun.sleep(PAUSE_MS);
    }
  });
  return {
    answered: () => answered,
    async stop() {
      isStopping = true;
      await Promise.all(calling);
      return { answered, faults };
    },
  };
}
