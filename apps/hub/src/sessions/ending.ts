import type { SessionFailure } from "@podium/shared";

/** How an attempt, or a gang as a whole, has ended. */
export interface Ending {
  exitCode: number | null;
  failure: SessionFailure | null;
  endedAt: Date;
  /** Whether its node had to end its process; null or left out where that is not known. */
  wasEnded?: boolean | null | undefined;
}

export function hasFailed({ failure, exitCode }: Pick<Ending, "failure" | "exitCode">): boolean {
  return failure !== null || exitCode !== 0;
}

/** A fault of the platform: the work was lost through no fault of the session, which goes on for free. */
export function isPlatformFault(failure: SessionFailure | null): boolean {
  return failure?.code === "platform_error" || failure?.code === "node_lost";
}
