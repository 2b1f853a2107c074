import { expect, test } from "bun:test";
import { createBindingSchema } from "@podium/shared";
import { systemContext, type TestContext } from "../testing/context.ts";
import { withRollback } from "../testing/database.ts";
import {
  heartbeat,
  type Member,
  makeCheckpoint,
  makeMember,
  makeNode,
  makeTree,
  reload,
  reportOf,
} from "../testing/factories.ts";
import { makeBinding, makeEndpoint, makeTrained } from "../testing/serving.ts";
import { bindModel } from "./bind.ts";
import type { EndpointRow } from "./store.ts";

const bind = (member: Member, endpoint: EndpointRow, input: Record<string, unknown>) =>
  member.db.transaction((tx) =>
    bindModel(member, tx, endpoint, member.team, createBindingSchema.parse(input)),
  );
const sessionOf = (ctx: TestContext, { sessionId }: { sessionId: string | null }) =>
  reload(ctx, { id: sessionId ?? "" });

test("an ONNX file that was pushed is served without code, image or environment", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const member = await makeMember(ctx);
    const endpoint = await makeEndpoint(member);
    const tree_id = await makeTree(member, { "net.onnx": "bytes", "weights.bin": "more" });
    const binding = await bind(member, endpoint, { onnx: { tree_id, resources: { cpu_milli: 2000 } } });
    expect(binding.model).toBe(`net.onnx@${tree_id.slice(0, 12)}`);
    expect(await sessionOf(ctx, binding)).toMatchObject({
      kind: "serve",
      image: null,
      environment: null,
      datasets: [],
      checkpoint: { tree_id },
      serving: { binding_id: binding.id, onnx: { file: "net.onnx" } },
      resources: { cpu_milli: 2000 },
    });
  }));

test("the node is told which file of the checkpoint is the model", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const member = await makeMember(ctx);
    const endpoint = await makeEndpoint(member);
    const tree_id = await makeTree(member, { "model.onnx": "bytes" });
    const binding = await makeBinding(member, endpoint, {
      session_id: undefined,
      checkpoint: undefined,
      onnx: { tree_id },
    });
    const nodeId = await makeNode(ctx);
    await binding.place();
    const { attempts } = await heartbeat(ctx, nodeId, [reportOf(ctx, await binding.serveSession())]);
    expect(attempts[0]).toMatchObject({ checkpoint: { tree_id }, serving: { onnx: { file: "model.onnx" } } });
  }));

test("an ONNX file of a checkpoint takes the session's resources; one that is not there is named", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const member = await makeMember(ctx);
    const endpoint = await makeEndpoint(member);
    const trained = await makeTrained(member, { resources: { cpu_milli: 1500 } });
    await makeCheckpoint(member, trained, "exported", { "nets/model.onnx": "bytes" });
    const saved = { session_id: trained.id, checkpoint: "exported" };
    const binding = await bind(member, endpoint, { ...saved, onnx: {} });
    expect(binding.model).toBe(`${trained.name}:exported/nets/model.onnx`);
    expect((await sessionOf(ctx, binding)).resources.cpu_milli).toBe(1500);
    await expect(bind(member, endpoint, { ...saved, onnx: { file: "other.onnx" } })).rejects.toMatchObject({
      code: "not_found",
      message: "There is no file other.onnx. ONNX files: nets/model.onnx.",
    });
    await expect(bind(member, endpoint, { ...saved, checkpoint: "best", onnx: {} })).rejects.toMatchObject({
      message: "There is no file model.onnx. ONNX files: none that end in .onnx.",
    });
  }));

test("of several files the model must be named", () =>
  withRollback(async (db) => {
    const member = await makeMember(systemContext(db));
    const endpoint = await makeEndpoint(member);
    const tree_id = await makeTree(member, { "a.onnx": "1", "b.onnx": "2" });
    await expect(bind(member, endpoint, { onnx: { tree_id } })).rejects.toMatchObject({
      message: "There is no file model.onnx. ONNX files: a.onnx, b.onnx.",
    });
    expect((await bind(member, endpoint, { onnx: { tree_id, file: "b.onnx" } })).model).toStartWith(
      "b.onnx@",
    );
  }));

test("another team's tree is not found; half a request says what to name", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const member = await makeMember(ctx);
    const endpoint = await makeEndpoint(member);
    const theirs = await makeTree(await makeMember(ctx), { "model.onnx": "secret" });
    await expect(bind(member, endpoint, { onnx: { tree_id: theirs } })).rejects.toMatchObject({
      code: "not_found",
    });
    for (const input of [
      {},
      { checkpoint: "best" },
      { onnx: {} },
      { checkpoint: "best", onnx: { tree_id: theirs } },
    ])
      await expect(bind(member, endpoint, input)).rejects.toMatchObject({ code: "invalid_request" });
  }));
