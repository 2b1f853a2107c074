// What every rate is compared with: a bare Hono server on Bun that parses a JSON body and answers it; of raw bytes it answers how many.
import { Hono } from "hono";

const app = new Hono();
app.post("/echo", async (c) => c.json(await c.req.json()));
app.post("/raw", async (c) => c.json({ bytes: (await c.req.arrayBuffer()).byteLength }));
const server = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: app.fetch });
process.stdin.on("end", () => process.exit(0)).resume();
console.log(JSON.stringify({ url: `http://127.0.0.1:${server.port}/echo` }));
