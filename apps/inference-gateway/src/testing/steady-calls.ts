import { KEY } from "./test-table.ts";

const PAUSE_MS = 5;
const OF_TESTS = { path: "/model-1", body: "[1]", everyMs: 5 };

/** Callers who go on calling at a steady rate, whatever happens to gateways and models. */
export interface SteadyCalls {
  /** answers so far, by status, and by what went wrong with the connection */
  readonly answers: Map<string, number>;
  /** bodies of the good answers, in order */
  readonly bodies: string[];
  /** Waits for so many further answers. */
  more(count: number): Promise<void>;
  /** Sends no more, and waits until every call has its answer. */
  stop(): Promise<void>;
}

/** @param url of the gateway to call now, as a load balancer would say */
export function startSteadyCalls(url: () => string, { path, body, everyMs } = OF_TESTS): SteadyCalls {
  const answers = new Map<string, number>();
  const bodies: string[] = [];
  const open = new Set<Promise<void>>();
  let answered = 0;
  const call = async () => {
    const result = await post(url() + path, body);
    answers.set(result.status, (answers.get(result.status) ?? 0) + 1);
    if (result.body !== null) bodies.push(result.body);
    answered += 1;
  };
  const timer = setInterval(() => {
    const sent = call();
    open.add(sent);
    void sent.finally(() => open.delete(sent));
  }, everyMs);
  return {
    answers,
    bodies,
    async more(count) {
      const until = answered + count;
      while (answered < until) await Bun.sleep(PAUSE_MS);
    },
    async stop() {
      clearInterval(timer);
      await Promise.all(open);
    },
  };
}

async function post(url: string, sent: string): Promise<{ status: string; body: string | null }> {
  try {
    const headers = { "x-api-key": KEY };
    const response = await fetch(url, { method: "POST", body: sent, headers });
    const body = await response.text();
    return { status: String(response.status), body: response.status === 200 ? body : null };
  } catch (error) {
    return { status: String((error as { code?: string }).code ?? error), body: null };
  }
}
