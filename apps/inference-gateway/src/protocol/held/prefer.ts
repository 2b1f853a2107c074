/** `Prefer: wait=SECONDS` (RFC 7240): how long the caller waits, in ms; null when it does not say, or not in whole seconds. */
export function preferredWaitMs(headers: Headers): number | null {
  const seconds = /(?:^|[,;\s])wait\s*=\s*"?(\d{1,6})"?\s*(?:$|[,;])/i.exec(headers.get("prefer") ?? "")?.[1];
  return seconds === undefined ? null : Number(seconds) * 1000;
}

/** Whether the caller takes server-sent events, and so may be shown what it waits for. */
export function takesEvents(headers: Headers): boolean {
  return /(?:^|[,\s])text\/event-stream\s*(?:$|[,;])/i.test(headers.get("accept") ?? "");
}
