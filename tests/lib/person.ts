import { createHash } from "node:crypto";
import type { paths } from "@podium/shared/generated/api";
import createClient, { type Client } from "openapi-fetch";

/** Somebody who uses a hub through its public API. */
export interface Person {
  api: Client<paths>;
  token: string;
  team: string;
}

let counter = 0;

/** Signs somebody up and makes them a token. */
export async function signUp(hubUrl: string, name = `person-${++counter}`): Promise<Person> {
  const email = `${name}@podium.test`;
  const account = { email, password: "a long enough password", name };
  const anonymous = createClient<paths>({ baseUrl: hubUrl });
  const made = await anonymous.POST("/api/v1/auth/sign-up", { body: account });
  return withToken(hubUrl, made.response, name);
}

/** Logs the administrator in. */
export async function logIn(hubUrl: string, admin: { email: string; password: string }): Promise<Person> {
  const anonymous = createClient<paths>({ baseUrl: hubUrl });
  const { email, password } = admin;
  const made = await anonymous.POST("/api/v1/auth/sign-in", { body: { email, password } });
  return withToken(hubUrl, made.response, "admin");
}

async function withToken(hubUrl: string, response: Response, team: string): Promise<Person> {
  const cookie = response.headers.get("set-cookie")?.split(";")[0] ?? "";
  const browser = createClient<paths>({ baseUrl: hubUrl, headers: { cookie } });
  const token = must(await browser.POST("/api/v1/tokens", { body: { name: "test" } })).token;
  return {
    api: createClient<paths>({ baseUrl: hubUrl, headers: { authorization: `Bearer ${token}` } }),
    token,
    team,
  };
}

/** The data of an answer; throws with the problem when it is one. */
export function must<T>(answer: { data?: T; error?: unknown; response: Response }): T {
  if (answer.data === undefined)
    throw new Error(`${answer.response.status}: ${JSON.stringify(answer.error)}`);
  return answer.data;
}

/** Pushes files as a tree of the person's team. */
export async function push(
  person: Person,
  hubUrl: string,
  files: Record<string, string | Uint8Array>,
): Promise<string> {
  const entries = [];
  for (const [path, text] of Object.entries(files)) {
    const sha256 = createHash("sha256").update(text).digest("hex");
    const headers = { authorization: `Bearer ${person.token}` };
    const sent = await fetch(`${hubUrl}/api/v1/blobs/${sha256}`, {
      method: "PUT",
      body: text as BodyInit,
      headers,
    });
    if (sent.status !== 204) throw new Error(`${sent.status}: ${await sent.text()}`);
    entries.push({ path, sha256, size: Buffer.byteLength(text), mode: 0o644 as const });
  }
  return must(await person.api.POST("/api/v1/trees", { body: { entries } })).id;
}

/** Runs a script as a session. */
export async function run(
  person: Person,
  hubUrl: string,
  script: string,
  more: Record<string, unknown> = {},
) {
  const code_tree = await push(person, hubUrl, { "main.py": script });
  return must(await person.api.POST("/api/v1/sessions", { body: { code_tree, ...more } as never }));
}

const ENDED = ["succeeded", "failed", "stopped"];

/** The session once it has ended; a hub that is down for a while is waited for. */
export async function ended(person: Person, id: string, withinMs = 60_000) {
  return waitFor(`the end of session ${id}`, withinMs, async () => {
    const { data } = await person.api.GET("/api/v1/sessions/{id}", { params: { path: { id } } });
    return data && ENDED.includes(data.state) ? data : null;
  });
}

/** All lines of a session's log. */
export async function logOf(person: Person, id: string): Promise<string[]> {
  const lines: string[] = [];
  for (let after_seq = 0; ; ) {
    const params = { path: { id }, query: { after_seq, limit: 1000 } };
    const page = must(await person.api.GET("/api/v1/sessions/{id}/logs", { params }));
    lines.push(...page.items.map((line) => line.text));
    if (page.items.length < 1000) return lines;
    after_seq = page.next_seq;
  }
}

/** Asks until there is an answer; what throws meanwhile (nobody listens) counts as none. */
export async function waitFor<T>(what: string, withinMs: number, ask: () => Promise<T | null>): Promise<T> {
  const until = Date.now() + withinMs;
  let problem: unknown;
  while (Date.now() < until) {
    try {
      const answer = await ask();
      if (answer !== null) return answer;
    } catch (error) {
      problem = error;
    }
    await Bun.sleep(100);
  }
  throw new Error(`${what} did not come within ${withinMs} ms${problem ? `: ${String(problem)}` : ""}`);
}
