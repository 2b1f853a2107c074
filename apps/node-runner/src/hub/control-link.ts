import {
  type AttemptReport,
  type HubMessage,
  hubMessageSchema,
  type NodeCapacity,
  RUNNER_PROTOCOL,
  type RunnerMessage,
} from "@podium/shared";
import type { Clock } from "../clock.ts";
import type { Log } from "../log.ts";
import { Backoff } from "./backoff.ts";
import { dialWebSocket, refusedStatus } from "./web-socket.ts";

const HEARTBEAT_MS = 2_000;
/** Changes within this time go into one heartbeat. */
const GATHER_MS = 20;
/** A hub that is silent for longer is taken for lost: the connection is made anew. */
const SILENCE_MS = 12_000;

type Heartbeat = Extract<RunnerMessage, { type: "heartbeat" }>;

export interface ControlLinkOptions {
  hubUrl: string;
  nodeToken: string;
  clock: Clock;
  random: () => number;
  log: Log;
  capacity(): NodeCapacity;
  attempts(): AttemptReport[];
  status(): Promise<Omit<Heartbeat, "type" | "sent_at" | "attempts" | "fence">>;
  onSync(sync: Extract<HubMessage, { type: "sync" }>): void;
  onConnected(connected: boolean): void;
  /** The hub will never accept this runner as it is; the message is for people. */
  onRefused(message: string): void;
}

/** The one WebSocket to the hub: says what runs here, hears what should. Dials again for as long as it is open. */
export class ControlLink {
  #socket: WebSocket | null = null;
  #timer: Timer | null = null;
  #gathering: Timer | null = null;
  #heardMs = 0;
  /** of the latest sync that was acted on */
  #fence: number | null = null;
  #closed = false;
  #connected = false;
  readonly #backoff: Backoff;

  constructor(private readonly options: ControlLinkOptions) {
    this.#backoff = new Backoff(options.random);
    this.#dial();
  }

  get isConnected() {
    return this.#connected;
  }

  /** Something changed: a heartbeat goes out at once. */
  poke() {
    this.#gathering ??= setTimeout(() => {
      this.#gathering = null;
      void this.beat();
    }, GATHER_MS);
  }

  /** Sends one heartbeat, if the hub is there to hear it. */
  async beat() {
    const { clock, attempts, status } = this.options;
    if (this.#timer) clearTimeout(this.#timer);
    const socket = this.#socket;
    if (socket?.readyState === WebSocket.OPEN) {
      try {
        const rest = await status();
        // The reports are taken last: what is sent is what is true now.
        this.#send(socket, {
          type: "heartbeat",
          sent_at: clock.now().toISOString(),
          attempts: attempts(),
          fence: this.#fence,
          ...rest,
        });
      } catch (error) {
        this.options.log.error({ err: error }, "a heartbeat could not be made");
      }
      if (clock.elapsedMs() - this.#heardMs > SILENCE_MS) socket.close(4000, "silence");
    }
    if (this.#timer) clearTimeout(this.#timer);
    if (!this.#closed) this.#timer = setTimeout(() => void this.beat(), HEARTBEAT_MS);
  }

  close() {
    this.#closed = true;
    for (const timer of [this.#timer, this.#gathering]) if (timer) clearTimeout(timer);
    this.#socket?.close(1000);
  }

  #dial() {
    const { hubUrl, nodeToken, capacity, attempts, clock, log } = this.options;
    const socket = dialWebSocket(`${hubUrl.replace(/^http/, "ws")}/api/v1/runner/connect`, nodeToken);
    this.#socket = socket;
    socket.onopen = () => {
      this.#heardMs = clock.elapsedMs();
      this.#send(socket, {
        type: "hello",
        protocol: RUNNER_PROTOCOL,
        capacity: capacity(),
        attempts: attempts(),
        fence: this.#fence,
      });
      void this.beat();
    };
    socket.onmessage = (event: MessageEvent<unknown>) => this.#receive(socket, event.data);
    socket.onerror = (event) => {
      const status = refusedStatus(event);
      if (status === 401 || status === 403) {
        this.options.onRefused(
          "The hub does not accept this node any more. Remove node.json from the data folder and start again with a new PODIUM_JOIN_TOKEN.",
        );
      } else log.debug({ status }, "the hub can't be reached");
    };
    socket.onclose = () => {
      if (this.#socket !== socket) return;
      this.#socket = null;
      this.#setConnected(false);
      if (!this.#closed) setTimeout(() => this.#closed || this.#dial(), this.#backoff.next());
    };
  }

  #receive(socket: WebSocket, data: unknown) {
    if (socket !== this.#socket) return;
    const parsed = hubMessageSchema.safeParse(parseJson(data));
    if (!parsed.success) {
      this.options.log.error(
        { issues: parsed.error.issues.slice(0, 5) },
        "the hub sent a message that is not understood",
      );
      return;
    }
    this.#heardMs = this.options.clock.elapsedMs();
    if (parsed.data.type === "refused") return this.options.onRefused(parsed.data.message);
    this.#backoff.reset();
    this.#setConnected(true);
    this.options.onSync(parsed.data);
    this.#hearFence(parsed.data.fence);
  }

  /** The hub waits to hear that the runner knows what was taken back from its node. */
  #hearFence(fence: number | undefined) {
    if (fence === undefined) return;
    const isNews = fence !== (this.#fence ?? 0);
    this.#fence = fence;
    if (isNews) this.poke();
  }

  #setConnected(connected: boolean) {
    if (connected === this.#connected) return;
    this.#connected = connected;
    this.options.log.info(
      connected ? "connected to the hub" : "the connection to the hub is lost; sessions go on",
    );
    this.options.onConnected(connected);
  }

  #send(socket: WebSocket, message: RunnerMessage) {
    if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
  }
}

function parseJson(data: unknown): unknown {
  try {
    return JSON.parse(typeof data === "string" ? data : new TextDecoder().decode(data as ArrayBuffer));
  } catch {
    return null;
  }
}
