import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { waitUntil } from "../scripts/stack/wait.ts";
import { type ServingChain, startServingChain } from "./lib/serving-chain.ts";

setDefaultTimeout(60_000);

/** Spells what it is given, for ever when told so, and knows how many of its streams were closed before their end. */
const SPELLER = (batch: boolean) => `
import podium
closed = 0
def spell(row):
    global closed
    try:
        for letter in row["text_input"]:
            yield letter
        while row.get("parameters", {}).get("forever"):
            yield "."
    except GeneratorExit:
        closed += 1
        raise
def infer(row):
    if row["text_input"] == "closed?":
        return str(closed)
    if row["text_input"] == "":
        raise ValueError("nothing to spell")
    return spell(row)
podium.bind(infer=${batch ? "lambda rows: [infer(row) for row in rows]" : "infer"}, batch=${batch ? "True" : "False"})
podium.paused()
`;
const MODELS = ["spell-one", "spell-many"];

let chain: ServingChain;
beforeAll(async () => {
  chain = await startServingChain(MODELS.map((name, index) => ({ name, script: SPELLER(index === 1) })));
});
afterAll(() => chain[Symbol.asyncDispose]());

function ask(model: string, path: string, body: object, signal?: AbortSignal): Promise<Response> {
  return fetch(`${chain.url}/v2/models/${model}/${path}`, {
    method: "POST",
    headers: { authorization: `Bearer ${chain.key}` },
    body: JSON.stringify(body),
    ...(signal ? { signal } : {}),
  });
}

/** The pieces of a stream, as they arrive. */
async function* piecesOf(response: Response): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  const reader = response.body?.getReader();
  for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) {
    rest += decoder.decode(part.value, { stream: true });
    const events = rest.split("\n\n");
    rest = events.pop() ?? "";
    for (const event of events) {
      yield (JSON.parse(event.slice("data: ".length)) as { text_output: string }).text_output;
    }
  }
}

const textOf = async (response: Response) => ((await response.json()) as { text_output: string }).text_output;

test.each(MODELS)("%s: a text whole, and piece by piece; errors before the first piece", async (model) => {
  expect(await textOf(await ask(model, "generate", { text_input: "héllo" }))).toBe("héllo");
  const pieces = await Array.fromAsync(
    piecesOf(await ask(model, "generate_stream", { text_input: "héllo" })),
  );
  expect(pieces).toEqual(["h", "é", "l", "l", "o"]);
  for (const path of ["generate", "generate_stream"]) {
    const failed = await ask(model, path, { text_input: "" });
    expect([failed.status, await failed.json()]).toEqual([422, { error: "ValueError: nothing to spell" }]);
  }
});

test.each(MODELS)(
  "%s: callers that leave stop their streams in the model, while others go on",
  async (model) => {
    const leaving = Array.from({ length: 5 }, () => new AbortController());
    const endless = { text_input: "a", parameters: { forever: true } };
    await Promise.all(
      leaving.map(async (caller) => {
        let seen = 0;
        const answer = await ask(model, "generate_stream", endless, caller.signal);
        for await (const _ of piecesOf(answer)) if (++seen === 10) break;
        caller.abort();
      }),
    );
    const closed = async () =>
      (await textOf(await ask(model, "generate", { text_input: "closed?" }))) === "5";
    expect(await waitUntil(closed, { withinMs: 20_000, everyMs: 50 })).toBe(true);
  },
);

test.each(MODELS)(
  "%s: many streams at once, each its own text, with whole answers between",
  async (model) => {
    const words = Array.from({ length: 40 }, (_, index) => `word ${index} `.repeat(1 + (index % 5)));
    const told = await Promise.all(
      words.map(async (word, index) => {
        const body = { text_input: word };
        if (index % 4 === 0) return textOf(await ask(model, "generate", body));
        return (await Array.fromAsync(piecesOf(await ask(model, "generate_stream", body)))).join("");
      }),
    );
    expect(told).toEqual(words);
  },
);
