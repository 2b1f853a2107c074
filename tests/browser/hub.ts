import type { CompetitionDefinition } from "@podium/shared";
import type { components } from "@podium/shared/generated/api";
import { waitUntil } from "../../scripts/stack/wait.ts";

type Schemas = components["schemas"];

const WITHIN_MS = 60_000;

/** Somebody who uses the hub's API by the cookie that a log-in sets. */
export class Person {
  #cookie = "";

  constructor(
    private readonly hubUrl: string,
    readonly email: string,
    readonly password: string,
  ) {}

  async signUp(name: string): Promise<this> {
    return this.#enter("/auth/sign-up", { email: this.email, password: this.password, name });
  }

  async signIn(): Promise<this> {
    return this.#enter("/auth/sign-in", { email: this.email, password: this.password });
  }

  async #enter(path: string, body: object): Promise<this> {
    const response = await this.send("POST", path, body);
    this.#cookie = response.headers
      .getSetCookie()
      .map((cookie) => cookie.split(";", 1)[0])
      .join("; ");
    return this;
  }

  /** Sends a request; an answer that reports a problem is thrown with the problem's words. */
  async send(method: string, path: string, body?: object | Uint8Array<ArrayBuffer>): Promise<Response> {
    const raw = body instanceof Uint8Array;
    const response = await fetch(`${this.hubUrl}/api/v1${path}`, {
      method,
      headers: {
        Origin: this.hubUrl,
        Cookie: this.#cookie,
        ...(body && !raw ? { "Content-Type": "application/json" } : {}),
      },
      ...(body ? { body: raw ? body : JSON.stringify(body) } : {}),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return response;
  }

  async ask<T>(method: string, path: string, body?: object): Promise<T> {
    return (await (await this.send(method, path, body)).json()) as T;
  }

  /** Pushes files as a tree and gives its id. */
  async pushTree(files: Record<string, string>): Promise<string> {
    const entries = [];
    for (const [path, text] of Object.entries(files)) {
      const bytes = new TextEncoder().encode(text);
      const sha256 = new Bun.CryptoHasher("sha256").update(bytes).digest("hex");
      await this.send("PUT", `/blobs/${sha256}`, bytes);
      entries.push({ path, sha256, size: bytes.byteLength, mode: 0o644 });
    }
    return (await this.ask<{ id: string }>("POST", "/trees", { entries })).id;
  }

  /** Submits a prediction file and waits until it is scored or has failed. */
  async submitPredictions(competition: string, text: string): Promise<Schemas["Submission"]> {
    const tree_id = await this.pushTree({ "predictions.csv": text });
    const { id } = await this.ask<Schemas["Submission"]>("POST", `/competitions/${competition}/submissions`, {
      kind: "predictions",
      tree_id,
    });
    let submission: Schemas["Submission"] | undefined;
    const ended = async () => {
      submission = await this.ask<Schemas["Submission"]>("GET", `/submissions/${id}`);
      return submission.state === "scored" || submission.state === "failed";
    };
    if (!(await waitUntil(ended, { withinMs: WITHIN_MS, everyMs: 200 })) || !submission) {
      throw new Error(`The submission is still ${submission?.state} after ${WITHIN_MS} ms.`);
    }
    return submission;
  }
}

/** Rows of a file: `id,COLUMN` and one row a value, with ids 1, 2, 3 … */
export const csv = (column: string, values: readonly (number | string)[]): string =>
  `id,${column}\n${values.map((value, index) => `${index + 1},${value}\n`).join("")}`;

/** Makes a competition of one open round over three rows whose labels are 1, 2 and 3. */
export async function makeCompetition(organizer: Person, name: string, description: string): Promise<void> {
  const trees = {
    train: await organizer.pushTree({ "train.csv": csv("y", [5, 6]) }),
    inputs: await organizer.pushTree({ "inputs.csv": csv("x", [10, 20, 30]) }),
    labels: await organizer.pushTree({ "labels.csv": csv("y", [1, 2, 3]) }),
  };
  const round = { name: "only", train: "train", inputs: "inputs", labels: "labels.csv", target_field: "y" };
  const definition: Pick<CompetitionDefinition, "version" | "name" | "title" | "description" | "metric"> = {
    version: 1,
    name,
    title: "Three numbers",
    description,
    metric: { name: "mse" },
  };
  await organizer.ask("POST", "/competitions", {
    definition: { ...definition, rounds: [round] },
    data: [{ round: "only", ...trees }],
  });
}
