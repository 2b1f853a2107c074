import type { SdkFrame } from "@podium/shared";
import type { SpoolLine } from "./spool.ts";

type SpooledFrame = Extract<SdkFrame, { type: "report" | "progress" | "ready" | "failure" }>;
type OtherFrame = Exclude<SdkFrame, SpooledFrame>;

const MAX_NAME = 250;
const MAX_INFO_TEXT = 16_000;
const MAX_VALUES = 10_000;
const MAX_SIGNATURE_BYTES = 64 * 1024;

/**
 * Why a frame holds more than goes to the hub, in a sentence, or null. A record that the hub's bound on requests refuses
 * would hold up all that come after it; a model's signature goes out with every heartbeat of the whole node.
 */
export function excessOf(frame: SdkFrame): string | null {
  switch (frame.type) {
    case "report":
    case "save": {
      const values = Object.keys(frame.type === "report" ? frame.values : frame.metrics).length;
      return values > MAX_VALUES ? `A ${frame.type} may have ${MAX_VALUES} values, not ${values}.` : null;
    }
    case "ready":
      return JSON.stringify(frame.signature).length > MAX_SIGNATURE_BYTES
        ? `The model's signature has more than ${MAX_SIGNATURE_BYTES} bytes: name fewer inputs and outputs.`
        : null;
    case "load":
      return frame.name.length > MAX_NAME || (frame.session?.length ?? 0) > MAX_NAME
        ? `The name of a checkpoint or session has at most ${MAX_NAME} characters.`
        : null;
    default:
      return null;
  }
}

/** The spool's lines for one frame of the SDK, or a sentence that says why there can be none. */
export function linesOf(frame: SpooledFrame | OtherFrame, pid: number, now: Date): SpoolLine[] | string {
  switch (frame.type) {
    case "report":
      return reportLines(frame, pid, now);
    case "progress":
      return [
        {
          record: { type: "progress", at: now.toISOString(), done: frame.done, total: frame.total },
          from: [pid, frame.seq],
        },
      ];
    case "ready":
      return [{ ready: { pid, signature: frame.signature }, from: [pid, frame.seq] }];
    case "failure": {
      const { location, hint } = frame;
      const message = failureText(frame.error, frame.message);
      return [{ failure: { code: "user_error", message, location, hint }, from: [pid, frame.seq] }];
    }
    default:
      return `A "${frame.type}" is not expected here.`;
  }
}

/** `KeyError: 'rating'`: most Python messages say little without their class; the SDK's own say all. */
function failureText(error: string, message: string): string {
  return error === "PodiumError" || message.startsWith(error) ? message : `${error}: ${message}`;
}

/** Numbers become a metric; what is no number is shown in the log, where people look for it. */
function reportLines(
  frame: Extract<SdkFrame, { type: "report" }>,
  pid: number,
  now: Date,
): SpoolLine[] | string {
  const at = timeOf(frame.wall_time, now);
  const values: Record<string, number | null> = {};
  for (const [name, value] of Object.entries(frame.values)) {
    if (name === "" || name.length > MAX_NAME)
      return `The name of a reported value must have 1 to ${MAX_NAME} characters.`;
    values[name] = typeof value === "number" ? value : null;
  }
  const lines: SpoolLine[] = [];
  if (Object.keys(values).length > 0) {
    lines.push({ record: { type: "metric", at, step: frame.step, values, summary: frame.summary } });
  }
  const info = Object.entries(frame.info).map(([name, text]) => `${name}=${text}`);
  if (info.length > 0) {
    const step = frame.step === null ? "" : ` step=${frame.step}`;
    lines.push({
      record: { type: "log", at, text: `[report]${step} ${info.join(" ")}`.slice(0, MAX_INFO_TEXT) },
    });
  }
  const last = lines.pop() ?? {};
  return [...lines, { ...last, from: [pid, frame.seq] }];
}

/** The session's own clock, unless it is nonsense. Seconds since the epoch in, RFC 3339 out. */
function timeOf(wallTime: number, now: Date): string {
  const time = new Date(wallTime * 1000);
  const year = Number.isNaN(time.getTime()) ? 0 : time.getUTCFullYear();
  return (year >= 2000 && year < 10_000 ? time : now).toISOString();
}
