/** Where to go after the log-in: an address of this page, never another site (`//evil.example` is one). */
export function safeNext(next: string | null): string {
  if (next === null || !/^\/(?![/\\])/.test(next)) return "/";
  return next;
}
