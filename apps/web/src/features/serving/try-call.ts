export interface Tried {
  status: number;
  /** of `Server-Timing`, where the browser may see it */
  timing: string | null;
  requestId: string | null;
  body: string;
}

/** What a person typed, before it is sent: null when it is JSON, else what is wrong. */
export function notJson(text: string): string | null {
  try {
    JSON.parse(text);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Sends a body to an endpoint from this page. Rejects when the browser lets nothing through. */
export async function tryCall(url: string, key: string, body: string): Promise<Tried> {
  const response = await fetch(url, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      ...(key ? { authorization: `Bearer ${key}` } : {}),
    },
    body,
  });
  return {
    status: response.status,
    timing: response.headers.get("server-timing"),
    requestId: response.headers.get("x-request-id"),
    body: await response.text(),
  };
}
