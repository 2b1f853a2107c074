import { KEY } from "./test-table.ts";

const EVERY_MS = 5;

/** Callers who go on calling, 200 a second, whatever happens to the gateways. */
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
export function startSteadyCalls(url: () => string): SteadyCalls {
  const answers = new Map<string, number>();
  const bodies: string[] = [];
  const open = new Set<Promise<void>>();
  let answered = 0;
  const call = async () => {
    const result = await post(url());
    answers.set(result.status, (answers.get(result.status) ?? 0) + 1);
    if (result.body !== null) bodies.push(result.body);
    answered += 1;
  };
  const timer = setInterval(() => {
    const sent = call();
    open.add(sent);
    void sent.finally(() => open.delete(sent));
  }, EVERY_MS);
  return {
    answers,
    bodies,
    async more(count) {
      const until = answered + count;
      while (answered < until) await Bun.sleep(EVERY_MS);
    },
    async stop() {
      clearInterval(timer);
      await Promise.all(open);
    },
  };
}

async function post(url: string): Promise<{ status: string; body: string | null }> {
  try {
    const headers = { "x-api-key": KEY };
    const response = await fetch(`${url}/model-1`, { method: "POST", body: "[1]", headers });
    const body = await response.text();
    return { status: String(response.status), body: response.status === 200 ? body : null };
  } catch (error) {
    return { status: String((error as { code?: string }).code ?? error), body: null };
  }
}
