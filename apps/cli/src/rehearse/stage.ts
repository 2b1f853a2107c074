import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CompetitionDefinition } from "@podium/shared";
import type { Cli } from "../cli.ts";
import { ok } from "../client.ts";
import { CliError, EXIT } from "../errors.ts";
import { push } from "../push.ts";
import { pushRounds } from "../push-rounds.ts";
import { findSession } from "../session-ref.ts";
import { asBody, type Body, type Competition, type Submission } from "../types.ts";

type Submit = Body<"/api/v1/competitions/{name}/submissions">;
interface Given {
  folder: string;
  definition: CompetitionDefinition;
  team: string | undefined;
}

/** How a submission ended; one that the hub does not even take is `refused`. */
export type Ended = Pick<Submission, "state" | "score" | "failure" | "refunded" | "session"> & {
  id: Submission["id"] | null;
};

const LOOK_AGAIN_MS = 250;
const REFUSALS: ReadonlySet<string> = new Set(["invalid_request", "payload_too_large"]);
/** Code of a failure that the hub told when it was asked to take the file. */
export const REFUSED = "refused";

/** A rehearsal on the hub: where a contest is tried, under a name of its own that only its organizers see. */
export class Stage {
  readonly name: string;
  /** Tries of the open round that are used up. */
  used = 0;
  /** What it ran that would stay in its team's list. */
  readonly sessions = new Set<string>();
  readonly #scratch = mkdtempSync(join(tmpdir(), "podium-rehearsal-"));

  private constructor(
    private readonly cli: Cli,
    readonly team: string | undefined,
    competition: Competition,
    private readonly signal: AbortSignal,
  ) {
    this.name = competition.name;
  }

  /** Sends the contest's data and opens its first round. The caller must `close` it. Throws a `CliError` as the hub refuses. */
  static async open(cli: Cli, { folder, definition, team }: Given, signal: AbortSignal): Promise<Stage> {
    const data = await pushRounds(cli, folder, definition, team);
    const body = asBody<"/api/v1/rehearsals">({ ...(team === undefined ? {} : { team }), definition, data });
    return new Stage(cli, team, await ok(cli.api().POST("/api/v1/rehearsals", { body })), signal);
  }

  competition(): Promise<Competition> {
    return ok(this.cli.api().GET("/api/v1/competitions/{name}", { params: { path: { name: this.name } } }));
  }

  /** Hands in a prediction file, and waits for its end. Throws a `CliError` as the hub refuses. */
  async submitFile(file: { name: string; content: string | Uint8Array }, withinMs: number, trial = false) {
    const path = join(this.#scratch, file.name);
    writeFileSync(path, file.content);
    return this.submitPath("predictions", path, withinMs, trial);
  }

  /** The same of a file or a folder of code that lies here. */
  async submitPath(kind: "predictions" | "code", path: string, withinMs: number, trial = false) {
    const { tree_id } = await push(this.cli, path, this.team);
    return this.submit(asBody({ kind, tree_id, trial }), withinMs);
  }

  /** Hands something in, and waits for its end. Throws a `CliError` as the hub refuses, or when it doesn't end. */
  async submit(body: Submit, withinMs: number): Promise<Ended> {
    const team = this.team === undefined ? {} : { team: this.team };
    const params = { path: { name: this.name } };
    const sent = asBody<"/api/v1/competitions/{name}/submissions">({ ...body, ...team });
    const call = this.cli.api().POST("/api/v1/competitions/{name}/submissions", { params, body: sent });
    const made = await ok(call).catch((error) => refusedAtOnce(error));
    if (!("number" in made)) return made;
    const ended = await this.until(`submission ${made.number}`, withinMs, async () => {
      const shown = await ok(
        this.cli.api().GET("/api/v1/submissions/{id}", { params: { path: { id: made.id } } }),
      );
      return shown.state === "scored" || shown.state === "failed" ? shown : null;
    });
    if (!ended.trial && !ended.refunded) this.used++;
    if (ended.session !== null) this.sessions.add((await findSession(this.cli, ended.session)).id);
    return ended;
  }

  /** Closes a round, and waits until it has its final board and the next one, where there is one, is open. */
  async closeRound(round: string, withinMs: number): Promise<Competition> {
    this.used = 0;
    const params = { path: { name: this.name, round } };
    await ok(this.cli.api().POST("/api/v1/competitions/{name}/rounds/{round}/close", { params }));
    return this.until(`the end of round ${round}`, withinMs, async () => {
      const shown = await this.competition();
      const index = shown.rounds.findIndex(({ name }) => name === round);
      const next = shown.rounds[index + 1];
      return shown.rounds[index]?.state === "closed" && next?.state !== "upcoming" ? shown : null;
    });
  }

  /** Takes all of it away again, on the hub and here. */
  async close(): Promise<void> {
    rmSync(this.#scratch, { recursive: true, force: true });
    const api = this.cli.api();
    await ok(api.DELETE("/api/v1/rehearsals/{name}", { params: { path: { name: this.name } } }));
    // One that has not ended yet stays, and says in its memo what it was for.
    for (const id of this.sessions) await api.DELETE("/api/v1/sessions/{id}", { params: { path: { id } } });
  }

  /** Asks until there is an answer. Throws a `CliError` when there is none in time. */
  async until<T>(what: string, withinMs: number, ask: () => Promise<T | null>): Promise<T> {
    const end = performance.now() + withinMs;
    for (;;) {
      if (this.signal.aborted) throw new CliError("it was broken off.", EXIT.interrupted);
      const answer = await ask();
      if (answer !== null) return answer;
      if (performance.now() > end)
        throw new CliError(
          `${what} did not end within ${Math.round(withinMs / 1000)} s. Does a node run that has room for it? podium nodes`,
        );
      await Bun.sleep(LOOK_AGAIN_MS);
    }
  }
}

/** What is wrong with the file itself, and seen before anything is run; every other refusal is thrown on. */
function refusedAtOnce(error: unknown): Ended {
  if (!(error instanceof CliError) || !REFUSALS.has(error.code ?? "")) throw error;
  const failure = { code: REFUSED, message: error.message };
  return { id: null, state: "failed", score: null, failure, refunded: true, session: null };
}
