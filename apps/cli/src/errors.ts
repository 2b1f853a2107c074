import { problemSchema } from "@podium/shared";

/** Exit codes: the work failed, the command was called wrongly, the work was stopped. */
export const EXIT = { failed: 1, usage: 2, stopped: 3, interrupted: 130 } as const;

/** What the person at the terminal can act on: printed as `podium: message`, without a stack. */
export class CliError extends Error {
  override readonly name = "CliError";
  constructor(
    message: string,
    readonly exitCode: number = EXIT.failed,
    /** The hub's error code, when the hub refused. */
    readonly code?: string,
    /** When the hub would like to be asked again, where it said so. */
    readonly retryAfterMs?: number,
  ) {
    super(message);
  }
}

/** The hub's refusal in one line: what its problem document says, or that it was not a hub that answered. */
export function refusal(body: unknown, response: Response): CliError {
  const parsed = problemSchema.safeParse(body);
  if (!parsed.success) {
    const { origin } = new URL(response.url || "http://unknown");
    return new CliError(
      `${origin} answered ${response.status}, but not as a Podium hub does. Is the address right? podium login --url …`,
    );
  }
  const { code, detail, errors = [] } = parsed.data;
  const hint = code === "unauthenticated" ? " Log in with: podium login" : "";
  const others = errors.filter((error) => !detail.includes(error.message));
  const list = others.map((error) => `${error.path || "request"}: ${error.message}`).join("; ");
  return new CliError(
    `${detail}${list === "" ? "" : ` (${list})`}${hint}`,
    EXIT.failed,
    code,
    retryAfterOf(response),
  );
}

function retryAfterOf({ headers }: Response): number | undefined {
  const seconds = Number(headers.get("retry-after") ?? Number.NaN);
  return Number.isFinite(seconds) ? seconds * 1000 : undefined;
}
