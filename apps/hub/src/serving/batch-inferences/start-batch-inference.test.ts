import { expect, test } from "bun:test";
import { updateSession } from "../../sessions/index.ts";
import { apiOf } from "../../testing/api.ts";
import { makeBatchWorld } from "../../testing/batches.ts";
import { systemContext } from "../../testing/context.ts";
import { withRollback } from "../../testing/database.ts";
import { makeDataset, makeMember, reload } from "../../testing/factories.ts";
import { makeEndpoint } from "../../testing/serving.ts";

const ASKED = { dataset: "rows@1", output: "scores" };

test("a session is queued with the model that answers most callers, and the batch is listed and shown", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { member, endpoint, versions } = await makeBatchWorld(ctx, 2);
    const { ask } = apiOf(member);
    const path = `/endpoints/${endpoint.name}/batch-inferences`;
    const started = await ask("POST", path, ASKED);
    expect([started.status, started.json()]).toMatchObject([
      201,
      {
        version: 1,
        dataset: `${member.team.slug}/rows@1`,
        output: "scores",
        output_version: null,
        state: "running",
        failure: null,
        ended_at: null,
      },
    ]);
    const serve = await versions[0]?.serveSession();
    const session = await reload(ctx, { id: started.json().session_id });
    expect(session).toMatchObject({
      kind: "infer",
      teamId: member.team.id,
      hidden: false,
      codeTree: serve?.codeTree ?? "",
      checkpoint: serve?.checkpoint ?? null,
      memo: `batch inference of ${endpoint.name} over ${member.team.slug}/rows@1`,
      timeoutMs: 86_400_000,
      input: { id_field: "id", each_file: true },
    });
    const newer = await ask("POST", path, { ...ASKED, dataset: "rows", version: 2 });
    expect(newer.json()).toMatchObject({ version: 2, dataset: `${member.team.slug}/rows@2` });
    expect((await ask("GET", path)).json().items).toEqual([newer.json(), started.json()]);
    expect((await ask("GET", `${path}/${started.json().id}`)).json()).toEqual(started.json());
  }));

test("a request that is repeated with its key begins one batch, and is answered alike", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { member, endpoint } = await makeBatchWorld(ctx);
    const idempotency = { actor: "usr_ann", key: "once", fingerprint: "same" };
    const path = `/endpoints/${endpoint.name}/batch-inferences`;
    const { ask } = apiOf({ ...member, idempotency });
    const [first, again] = [await ask("POST", path, ASKED), await ask("POST", path, ASKED)];
    expect([again.status, again.json()]).toEqual([201, first.json()]);
    expect((await apiOf(member).ask("GET", path)).json().items).toHaveLength(1);
  }));

test("another team's dataset may be read where it is public, and never be written to", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { member, endpoint } = await makeBatchWorld(ctx);
    const path = `/endpoints/${endpoint.name}/batch-inferences`;
    const stranger = await makeMember(ctx);
    await makeDataset(stranger, "open", { visibility: "public", versions: [{ "a.csv": "x\n1\n" }] });
    const dataset = `${stranger.team.slug}/open`;
    const { ask } = apiOf(member);
    expect((await ask("POST", path, { dataset, output: "scores" })).status).toBe(201);
    // A name means the endpoint's own team's: a dataset of it is made, theirs is left alone.
    expect((await ask("POST", path, { dataset, output: "open" })).status).toBe(201);
    expect((await ask("GET", `/datasets/${member.team.slug}/open`)).status).toBe(200);
    expect((await ask("GET", `/datasets/${dataset}/versions`)).json().items).toHaveLength(1);
  }));

test("strangers find nothing; another team's output and unknown datasets and versions are refused", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { member, endpoint } = await makeBatchWorld(ctx);
    const path = `/endpoints/${endpoint.name}/batch-inferences`;
    const { ask } = apiOf(member);
    const { id } = (await ask("POST", path, ASKED)).json();
    const stranger = await makeMember(ctx);
    expect((await apiOf(stranger).ask("POST", path, ASKED)).status).toBe(404);
    expect((await apiOf(stranger).ask("GET", path)).status).toBe(404);
    expect((await apiOf(stranger).ask("GET", `${path}/${id}`)).status).toBe(404);
    const other = await makeEndpoint(member);
    expect((await ask("GET", `/endpoints/${other.name}/batch-inferences/${id}`)).status).toBe(404);
    expect((await ask("POST", `/endpoints/${other.name}/batch-inferences`, ASKED)).json().detail).toContain(
      "no version that could predict",
    );
    await makeDataset(stranger, "theirs");
    const theirs = { ...ASKED, dataset: `${stranger.team.slug}/theirs` };
    expect((await ask("POST", path, theirs)).status).toBe(404);
    expect((await ask("POST", path, { ...ASKED, version: 9 })).status).toBe(404);
    for (const wrong of [
      { output: "a/b" },
      { output: "" },
      { dataset: "" },
      { version: 0 },
      { timeout_ms: 1 },
    ])
      expect((await ask("POST", path, { ...ASKED, ...wrong })).status).toBe(400);
  }));

test("an ONNX version is refused with what to do instead, and makes no dataset", () =>
  withRollback(async (db) => {
    const { member, endpoint, versions } = await makeBatchWorld(systemContext(db));
    const serve = await versions[0]?.serveSession();
    if (!serve?.serving) throw new Error("nothing is served");
    const serving = { ...serve.serving, onnx: { file: "model.onnx" } };
    await db.transaction((tx) => updateSession(tx, serve.id, { serving }));
    const { ask } = apiOf(member);
    const refused = await ask("POST", `/endpoints/${endpoint.name}/batch-inferences`, ASKED);
    expect([refused.status, refused.json().detail]).toEqual([409, expect.stringContaining("--in-hub")]);
    expect((await ask("GET", `/datasets/${member.team.slug}/scores`)).status).toBe(404);
  }));
