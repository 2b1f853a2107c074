import { expect, test } from "bun:test";
import { type TestHub, withHub } from "../../testing/hub.ts";

/** Sends one file and gives the tree of it. */
async function pushFile(hub: TestHub, token: string, text: string): Promise<string> {
  const bytes = new TextEncoder().encode(text);
  const sha256 = new Bun.CryptoHasher("sha256").update(bytes).digest("hex");
  await hub.call("PUT", `/api/v1/blobs/${sha256}`, { token, body: bytes });
  const entries = [{ path: "data.csv", sha256, size: bytes.byteLength, mode: 0o644 }];
  const made = await hub.call("POST", "/api/v1/trees", { token, body: { entries } });
  return ((await made.json()) as { id: string }).id;
}

test("a push and a removal that are sent again with their key are done once, and answered alike", () =>
  withHub(async (hub) => {
    const { token } = await hub.join("ann");
    const ask = async (method: string, path: string, key: string, body?: unknown) => {
      const headers = { "idempotency-key": key };
      const answer = await hub.call(method, `/api/v1/datasets${path}`, { token, body, headers });
      const text = await answer.text();
      return { status: answer.status, body: text === "" ? null : JSON.parse(text) };
    };
    await ask("POST", "", "make", { name: "films", tags: ["Text", "text"] });
    const body = { tree_id: await pushFile(hub, token, "a"), note: "first" };
    const pushed = await ask("POST", "/ann/films/versions", "push", body);
    expect(pushed.body).toMatchObject({ number: 1, note: "first", author: "ann", files: 1 });
    expect(await ask("POST", "/ann/films/versions", "push", body)).toEqual(pushed);
    const again = await ask("POST", "/ann/films/versions", "push again", body);
    expect(again.body).toMatchObject({ number: 2 });

    for (const path of ["/ann/films/versions/2", "/ann/films"]) {
      expect((await ask("DELETE", path, path)).status).toBe(204);
      expect((await ask("DELETE", path, path)).status).toBe(204);
      expect((await ask("DELETE", path, `another ${path}`)).status).toBe(404);
    }
  }));

test("the list is searched, filtered, sorted and continued; odd questions are refused in words", () =>
  withHub(async (hub) => {
    const { token } = await hub.join("ann");
    const ask = async (query: string) => {
      const answer = await hub.call("GET", `/api/v1/datasets?${query}`, { token });
      const body = (await answer.json()) as { items?: { name: string }[]; next?: string; detail?: string };
      return { status: answer.status, names: body.items?.map(({ name }) => name), next: body.next, ...body };
    };
    for (const [name, tags] of [
      ["films", ["text", "caf\u00e9"]],
      ["seas", ["map"]],
      ["hills", ["map", "text"]],
    ] as const)
      await hub.call("POST", "/api/v1/datasets", { token, body: { name, tags } });

    expect((await ask("")).names).toEqual(["films", "hills", "seas"]);
    expect((await ask("tag=map&tag=text")).names).toEqual(["hills"]);
    expect((await ask(`tag=${encodeURIComponent("Cafe\u0301")}`)).names).toEqual(["films"]);
    expect((await ask("q=ann/h")).names).toEqual(["hills"]);
    const first = await ask("sort=created&limit=2");
    expect(first.names).toEqual(["hills", "seas"]);
    expect(await ask(`sort=created&limit=2&after=${first.next}`)).toMatchObject({
      names: ["films"],
      next: null,
    });

    for (const query of ["sort=weight", "after=films", "tag=%3Cb%3E", `q=${"x".repeat(201)}`, "q=%00"])
      expect(await ask(query)).toMatchObject({ status: 400, detail: expect.any(String) });
  }));

test("a stranger reaches none of the routes of a team's dataset, and of a public one only those that read", () =>
  withHub(async (hub) => {
    const [ann, eve] = [await hub.join("ann"), await hub.join("eve")];
    const make = async (name: string, visibility: string) => {
      await hub.call("POST", "/api/v1/datasets", { token: ann.token, body: { name, visibility } });
      for (const text of ["a", "b"]) {
        const body = { tree_id: await pushFile(hub, ann.token, text) };
        await hub.call("POST", `/api/v1/datasets/ann/${name}/versions`, { token: ann.token, body });
      }
    };
    await make("ours", "team");
    await make("everybodys", "public");
    const tree_id = await pushFile(hub, eve.token, "hers");
    const statuses = async (name: string) => {
      const found: Record<string, number> = {};
      for (const [method, path, body] of [
        ["GET", "", undefined],
        ["GET", "/versions", undefined],
        ["GET", "/diff", undefined],
        ["PATCH", "", { tags: ["mine"] }],
        ["POST", "/versions", { tree_id }],
        ["DELETE", "/versions/1", undefined],
        ["DELETE", "", undefined],
      ] as const) {
        const answer = await hub.call(method, `/api/v1/datasets/ann/${name}${path}`, {
          token: eve.token,
          body,
        });
        found[`${method} ${path}`.trim()] = answer.status;
      }
      return found;
    };
    expect(new Set(Object.values(await statuses("ours")))).toEqual(new Set([404]));
    expect(await statuses("nothing")).toEqual(await statuses("ours"));
    expect(await statuses("everybodys")).toEqual({
      GET: 200,
      "GET /versions": 200,
      "GET /diff": 200,
      PATCH: 403,
      "POST /versions": 403,
      "DELETE /versions/1": 403,
      DELETE: 403,
    });
    const listed = await hub.call("GET", "/api/v1/datasets", { token: eve.token });
    expect(((await listed.json()) as { items: unknown[] }).items).toMatchObject([
      { name: "everybodys", latest_version: 2, tags: [] },
    ]);
  }));
