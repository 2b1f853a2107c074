import { join, normalize } from "node:path";

const HEADERS = {
  "content-security-policy":
    "default-src 'self'; img-src 'self' data:; style-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "same-origin",
};

/** The web page: built files by name, and the one page for every other address (the page routes itself). */
export async function serveWeb(dist: string | undefined, path: string): Promise<Response> {
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
  return new Response(shown, { headers: { ...HEADERS, "cache-control": caching } });
}
