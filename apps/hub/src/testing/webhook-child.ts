/** A web server that says its port, then each request it gets. What it answers depends on the path. */
const ANSWERS: Record<string, () => Response | Promise<Response>> = {
  "/ok": () => new Response("thanks"),
  "/down": () => new Response("not now", { status: 503 }),
  "/gone": () => new Response("never again", { status: 410 }),
  "/elsewhere": () => new Response("", { status: 307, headers: { location: "/ok" } }),
  "/big": () => new Response(new Uint8Array(64 * 1024 ** 2)),
  "/slow": () => new Promise<Response>(() => undefined),
};

const server = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  async fetch(request) {
    const { pathname } = new URL(request.url);
    const body = await request.text();
    console.log(JSON.stringify({ path: pathname, headers: Object.fromEntries(request.headers), body }));
    return ANSWERS[pathname]?.() ?? new Response("", { status: 404 });
  },
});
console.log(server.port);
process.stdin.resume().on("end", () => process.exit(0));
