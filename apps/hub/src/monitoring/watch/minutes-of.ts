/** `1 minute`, `30 minutes`. */
export function minutesOf(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  return `${minutes} minute${minutes === 1 ? "" : "s"}`;
}
