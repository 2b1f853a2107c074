/** True when a call is to be answered by a job: `Prefer: respond-async` (RFC 7240), the only header that plain calls are read for. */
export function asksForJob(request: Request): boolean {
  const prefer = request.headers.get("prefer");
  return prefer !== null && /(?:^|[,;\s])respond-async(?:$|[,;\s])/i.test(prefer);
}
