/** Opens a WebSocket with a bearer token. Binary messages arrive as `ArrayBuffer`. */
export function dialWebSocket(url: string, token: string): WebSocket {
  // Bun's second argument may hold headers; the browser's type, which the web app needs, knows protocols only.
  const options = { headers: { Authorization: `Bearer ${token}` } } as unknown as string[];
  const socket = new WebSocket(url, options);
  socket.binaryType = "arraybuffer";
  return socket;
}

/** HTTP status with which the other side refused the upgrade, or null when it could not be reached at all. */
export function refusedStatus(event: Event): number | null {
  const message = "message" in event ? String(event.message) : "";
  const status = /status code: (\d{3})/.exec(message)?.[1];
  return status === undefined ? null : Number(status);
}
