import { expect, test } from "bun:test";
import type { PodiumEvent } from "@podium/shared";
import type { Listener, Live } from "./live.ts";
import { streamChanges } from "./sse.ts";

/** Live events that the test itself makes. */
function makeLive() {
  const listeners = new Set<Listener>();
  const live: Live = {
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: async () => undefined,
  };
  return {
    live,
    listeners,
    say: (event: PodiumEvent) => listeners.forEach((listener) => void listener(event)),
  };
}
const node = { type: "node.changed", node_id: "nod_1" } as const;
const credits = { type: "credits.exhausted", team_id: "tem_1" } as const;
const names = (event: PodiumEvent) => (event.type === "node.changed" ? "node" : null);

async function readUntil(body: ReadableStream<Uint8Array> | null, word: string): Promise<string> {
  let text = "";
  const reader = body?.getReader();
  while (reader && !text.includes(word)) {
    const { done, value } = await reader.read();
    if (done) break;
    text += new TextDecoder().decode(value);
  }
  reader?.releaseLock();
  return text;
}

test("a viewer is told at once that it is connected, then of what concerns it, bursts folded", async () => {
  const { live, say } = makeLive();
  const answer = streamChanges(live, names, new AbortController().signal);
  expect(answer.headers.get("content-type")).toBe("text/event-stream");
  expect(await readUntil(answer.body, "open")).toBe("event: open\ndata: {}\n\n");
  for (let burst = 0; burst < 10; burst++) say(node);
  say(credits);
  expect(await readUntil(answer.body, "node")).toBe("event: node\ndata: {}\n\n");
});

test("for a viewer that reads nothing, what happens is remembered once, not piled up", async () => {
  const { live, say } = makeLive();
  const answer = streamChanges(live, names, new AbortController().signal);
  for (let round = 0; round < 3; round++) {
    say(node);
    await Bun.sleep(60);
  }
  expect(await readUntil(answer.body, "node")).toBe("event: open\ndata: {}\n\nevent: node\ndata: {}\n\n");
});

test("a viewer that goes, or whose request ends, is forgotten", async () => {
  const { live, listeners, say } = makeLive();
  const ending = new AbortController();
  const [left, ended] = [
    streamChanges(live, names, new AbortController().signal),
    streamChanges(live, names, ending.signal),
  ];
  expect(listeners.size).toBe(2);
  say(node);
  await left.body?.cancel();
  ending.abort();
  expect(listeners.size).toBe(0);
  expect(await readUntil(ended.body, "never")).toBe("event: open\ndata: {}\n\n");
});

test("a request that has ended already gets an empty stream", async () => {
  const { live, listeners } = makeLive();
  const answer = streamChanges(live, names, AbortSignal.abort());
  expect(await answer.text()).toBe("");
  expect(listeners.size).toBe(0);
});
