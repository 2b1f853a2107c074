/** A fault that the simulation made: whoever meets it may fail, and must leave nothing half done. */
export class Injected extends Error {}

/** The error or one of its causes (drizzle wraps what the driver throws). */
export function isInjected(error: unknown): boolean {
  if (error instanceof Injected) return true;
  return error instanceof Error && error.cause !== undefined && isInjected(error.cause);
}
