import {
  DomainError,
  ERROR_STATUS,
  type ErrorCode,
  type Problem,
  type SpoolRecord,
  type Tree,
} from "@podium/shared";
import type { paths } from "@podium/shared/generated/api";
import createClient from "openapi-fetch";

/** The hub can't be reached or has a fault of its own: worth trying again, unlike a `DomainError`. */
export class HubUnavailable extends Error {
  override readonly name = "HubUnavailable";
}

/** Which attempt a call is made for; the epoch lets the hub refuse one that has been replaced. */
export interface OnBehalf {
  attempt_id: string;
  epoch: number;
}

const SMALL_CALL_MS = 30_000;

/** The hub's HTTP API as a runner sees it. Every call throws `DomainError` (refused) or `HubUnavailable` (try again). */
export class HubClient {
  readonly #api;
  constructor(hubUrl: string, nodeToken: string | null) {
    this.#api = createClient<paths>({
      baseUrl: hubUrl,
      ...(nodeToken ? { headers: { Authorization: `Bearer ${nodeToken}` } } : {}),
    });
  }

  async join(joinToken: string, name: string) {
    return answer(
      this.#api.POST("/api/v1/nodes/join", { body: { join_token: joinToken, name }, ...limited() }),
    );
  }

  async tree(on: OnBehalf, tree: string, signal: AbortSignal): Promise<Tree> {
    return answer(
      this.#api.GET("/api/v1/runner/attempts/{attempt}/trees/{tree}", {
        params: { path: { attempt: on.attempt_id, tree }, header: epochHeader(on) },
        signal,
      }),
    );
  }

  /** The blob's bytes as they arrive, from byte `offset` on; `from` says where the hub began indeed. */
  async blob(
    on: OnBehalf,
    sha256: string,
    offset: number,
    signal: AbortSignal,
  ): Promise<{ from: number; stream: ReadableStream<Uint8Array> }> {
    const call = this.#api.GET("/api/v1/runner/attempts/{attempt}/blobs/{sha256}", {
      params: { path: { attempt: on.attempt_id, sha256 }, header: epochHeader(on) },
      ...(offset > 0 ? { headers: { Range: `bytes=${offset}-` } } : {}),
      parseAs: "stream",
      signal,
    });
    const stream = await answer(call, true);
    const { status } = (await call).response;
    return { from: status === 206 ? offset : 0, stream: stream ?? EMPTY() };
  }

  /** Small blobs in one pack, as it arrives. */
  async pack(on: OnBehalf, sha256: string[], signal: AbortSignal): Promise<ReadableStream<Uint8Array>> {
    const stream = await answer(
      this.#api.POST("/api/v1/runner/attempts/{attempt}/blobs/fetch", {
        params: { path: { attempt: on.attempt_id }, header: epochHeader(on) },
        body: { sha256 },
        parseAs: "stream",
        signal,
      }),
      true,
    );
    return stream ?? EMPTY();
  }

  async missingBlobs(on: OnBehalf, sha256: string[]): Promise<string[]> {
    const { missing } = await answer(
      this.#api.POST("/api/v1/runner/attempts/{attempt}/blobs/missing", {
        params: { path: { attempt: on.attempt_id }, header: epochHeader(on) },
        body: { sha256 },
        ...limited(),
      }),
    );
    return missing;
  }

  /** One blob of at most `CHUNK_BYTES`. */
  async putBlob(on: OnBehalf, sha256: string, bytes: Uint8Array, signal: AbortSignal) {
    await answer(
      this.#api.PUT("/api/v1/runner/attempts/{attempt}/blobs/{sha256}", {
        params: { path: { attempt: on.attempt_id, sha256 }, header: epochHeader(on) },
        ...binary(bytes),
        signal,
      }),
      true,
    );
  }

  async postPack(on: OnBehalf, pack: Uint8Array, signal: AbortSignal) {
    await answer(
      this.#api.POST("/api/v1/runner/attempts/{attempt}/blobs/pack", {
        params: { path: { attempt: on.attempt_id }, header: epochHeader(on) },
        ...binary(pack),
        signal,
      }),
    );
  }

  /** Names a large file whose chunks the hub has. */
  async compose(on: OnBehalf, file: { sha256: string; size: number; chunks: string[] }) {
    await answer(
      this.#api.POST("/api/v1/runner/attempts/{attempt}/blobs/composed", {
        params: { path: { attempt: on.attempt_id }, header: epochHeader(on) },
        body: file,
        ...limited(),
      }),
      true,
    );
  }

  async postRecords(on: OnBehalf, records: SpoolRecord[]): Promise<{ acked_seq: number }> {
    return answer(
      this.#api.POST("/api/v1/runner/attempts/{attempt}/records", {
        params: { path: { attempt: on.attempt_id } },
        headers: epochHeader(on),
        body: { epoch: on.epoch, records },
        ...limited(),
      }),
    );
  }

  async checkpoint(on: OnBehalf, name: string, session: string | null, signal: AbortSignal) {
    return answer(
      this.#api.GET("/api/v1/runner/attempts/{attempt}/checkpoints", {
        params: {
          path: { attempt: on.attempt_id },
          query: { name, ...(session === null ? {} : { session }) },
          header: epochHeader(on),
        },
        signal,
      }),
    );
  }
}

const epochHeader = (on: OnBehalf) => ({ "x-podium-epoch": on.epoch });
/** Bytes as they are; the generated type only knows text. */
const binary = (bytes: Uint8Array) => ({
  headers: { "Content-Type": "application/octet-stream" },
  body: bytes as unknown as string,
  bodySerializer: (body: unknown) => body as Uint8Array<ArrayBuffer>,
});
/** An empty answer has no body at all. */
const EMPTY = () => new Blob([]).stream();
const limited = () => ({ signal: AbortSignal.timeout(SMALL_CALL_MS) });

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

async function answer<T>(call: Promise<Answer<T>>, mayBeEmpty: true): Promise<T | undefined>;
async function answer<T>(call: Promise<Answer<T>>, mayBeEmpty?: false): Promise<T>;
async function answer<T>(call: Promise<Answer<T>>, mayBeEmpty = false): Promise<T | undefined> {
  let got: Answer<T>;
  try {
    got = await call;
  } catch (error) {
    throw new HubUnavailable(`The hub can't be reached: ${error instanceof Error ? error.message : error}`);
  }
  const { data, error, response } = got;
  if (response.ok && (data !== undefined || mayBeEmpty)) return data;
  if (response.ok) throw new HubUnavailable("The hub's answer is empty.");
  throw refusal(response.status, error);
}

/** An overload and a fault of the hub pass by themselves; other refusals stay what they are. */
function refusal(status: number, body: unknown): Error {
  const problem = (typeof body === "object" && body !== null ? body : {}) as Partial<Problem>;
  const message = problem.detail ?? `The hub answered ${status}.`;
  const code = problem.code && problem.code in ERROR_STATUS ? (problem.code as ErrorCode) : codeOf(status);
  const passes = status >= 500 || status === 408 || (status === 429 && code !== "limit_reached");
  if (passes) return new HubUnavailable(message);
  return new DomainError(code, message);
}

function codeOf(status: number): ErrorCode {
  const codes: Partial<Record<number, ErrorCode>> = {
    401: "unauthenticated",
    403: "forbidden",
    404: "not_found",
    409: "conflict",
    413: "payload_too_large",
  };
  return codes[status] ?? "invalid_request";
}
