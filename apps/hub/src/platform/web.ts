import { join, normalize } from "node:path";

const POLICY =
  "default-src 'self'; img-src 'self' data:; style-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'";
const HEADERS = {
  "x-content-type-options": "nosniff",
  "referrer-policy": "same-origin",
};

/**
 * The web page: built files by name, and the one page for every other address (the page routes itself).
 * @param callable gives the origins besides the hub's own that the page may send requests to
 */
export async function serveWeb(
  dist: string | undefined,
  path: string,
  callable: () => Promise<readonly string[]> = async () => [],
): Promise<Response> {
  if (dist === undefined)
    return new Response("The web page has not been built. The API is at /api/v1.\n", { status: 404 });
  const inside = normalize(path).replace(/^(\.\.(\/|$))+/, "");
  const file = Bun.file(join(dist, inside));
  const isFile = inside !== "/" && (await file.exists());
  // A page of an older build asks for files that are gone: better none than the page in their place.
  if (!isFile && inside.startsWith("/assets/")) return new Response("Not found\n", { status: 404 });
  const shown = isFile ? file : Bun.file(join(dist, "index.html"));
  const caching =
    isFile && inside.startsWith("/assets/") ? "public, max-age=31536000, immutable" : "no-cache";
  const others = isFile ? [] : await callable();
  const policy = others.length === 0 ? POLICY : `${POLICY}; connect-src 'self' ${others.join(" ")}`;
  return new Response(shown, {
    headers: { ...HEADERS, "content-security-policy": policy, "cache-control": caching },
  });
}
