import { z } from "@hono/zod-openapi";
import {
  composeFileSchema,
  fetchPackSchema,
  idSchema,
  sha256Schema,
  storedPackSchema,
  treeSchema,
} from "@podium/shared";
import { composeFile, missingBlobs, putBlob, putPack, treeJson } from "../../data/index.ts";
import type { Context } from "../../platform/context.ts";
import {
  bodyOf,
  createRouter,
  fileAnswers,
  json,
  jsonBody,
  octets,
  rangeHeader,
  route,
} from "../../platform/http.ts";
import { answerFile, answerStream } from "../../platform/stream.ts";
import { attemptOfNode, blobOfAttempt, outputTeam, packOfAttempt, treeOfAttempt } from "../attempt-files.ts";

const tags = ["runner"];
const attempt = z.object({ attempt: idSchema("attempt") });
const file = attempt.extend({ sha256: sha256Schema });
const epoch = z.object({ "x-podium-epoch": z.coerce.number().int().positive() });

type Asked = { attempt: string; "x-podium-epoch": number };
const sessionOf = async (ctx: Context, asked: Asked) =>
  (await attemptOfNode(ctx, asked.attempt, asked["x-podium-epoch"])).session;

/** What a node reads and writes on behalf of an attempt that was placed on it. */
export function attemptFileRoutes() {
  const router = createRouter();
  addReading(router);
  addWriting(router);
  return router;
}

function addReading(router: ReturnType<typeof createRouter>): void {
  router.openapi(
    route({
      method: "get",
      path: "/runner/attempts/{attempt}/trees/{tree}",
      tags,
      summary: "A tree that the attempt mounts",
      request: { params: attempt.extend({ tree: sha256Schema }), headers: epoch },
      responses: { 200: json(treeSchema) },
    }),
    async (c) => {
      const { ctx } = c.var;
      const session = await sessionOf(ctx, { ...c.req.valid("param"), ...c.req.valid("header") });
      const tree = await treeOfAttempt(ctx, session, c.req.valid("param").tree);
      return answerStream(treeJson(ctx, tree), "application/json") as never;
    },
  );
  router.openapi(
    route({
      method: "get",
      path: "/runner/attempts/{attempt}/blobs/{sha256}",
      tags,
      summary: "A file of a tree that the attempt mounts",
      request: { params: file, headers: epoch.extend(rangeHeader.shape) },
      responses: fileAnswers,
    }),
    async (c) => {
      const { ctx } = c.var;
      const { range, ...header } = c.req.valid("header");
      const session = await sessionOf(ctx, { ...c.req.valid("param"), ...header });
      return answerFile(await blobOfAttempt(ctx, session, c.req.valid("param").sha256), range);
    },
  );
  router.openapi(
    route({
      method: "post",
      path: "/runner/attempts/{attempt}/blobs/fetch",
      tags,
      summary: "Many small files of the trees that the attempt mounts",
      request: { params: attempt, headers: epoch, ...jsonBody(fetchPackSchema) },
      responses: { 200: { description: "A pack, in the order asked", content: octets } },
    }),
    async (c) => {
      const { ctx } = c.var;
      const session = await sessionOf(ctx, { ...c.req.valid("param"), ...c.req.valid("header") });
      return answerStream(await packOfAttempt(ctx, session, c.req.valid("json").sha256));
    },
  );
}

function addWriting(router: ReturnType<typeof createRouter>): void {
  router.openapi(
    route({
      method: "post",
      path: "/runner/attempts/{attempt}/blobs/missing",
      tags,
      summary: "Which files, and chunks of large ones, the hub lacks",
      request: {
        params: attempt,
        headers: epoch,
        ...jsonBody(z.strictObject({ sha256: z.array(sha256Schema).max(10_000) })),
      },
      responses: { 200: json(z.object({ missing: z.array(sha256Schema) })) },
    }),
    async (c) => {
      const { ctx } = c.var;
      const session = await sessionOf(ctx, { ...c.req.valid("param"), ...c.req.valid("header") });
      const { sha256 } = c.req.valid("json");
      return c.json({ missing: await missingBlobs(ctx, { teamId: outputTeam(session), sha256 }) }, 200);
    },
  );
  router.openapi(
    route({
      method: "put",
      path: "/runner/attempts/{attempt}/blobs/{sha256}",
      tags,
      summary: "Store a file of at most 8 MiB that the session wrote, or a chunk of a larger one",
      request: { params: file, headers: epoch, body: { content: octets } },
      responses: { 204: { description: "Stored" } },
    }),
    async (c) => {
      const { ctx } = c.var;
      const session = await sessionOf(ctx, { ...c.req.valid("param"), ...c.req.valid("header") });
      const { sha256 } = c.req.valid("param");
      await putBlob(ctx, { teamId: outputTeam(session), sha256, body: bodyOf(c) });
      return c.body(null, 204);
    },
  );
  router.openapi(
    route({
      method: "post",
      path: "/runner/attempts/{attempt}/blobs/pack",
      tags,
      summary: "Store many small files that the session wrote",
      request: { params: attempt, headers: epoch, body: { content: octets } },
      responses: { 200: json(storedPackSchema) },
    }),
    async (c) => {
      const { ctx } = c.var;
      const session = await sessionOf(ctx, { ...c.req.valid("param"), ...c.req.valid("header") });
      return c.json(await putPack(ctx, { teamId: outputTeam(session), body: bodyOf(c) }), 200);
    },
  );
  router.openapi(
    route({
      method: "post",
      path: "/runner/attempts/{attempt}/blobs/composed",
      tags,
      summary: "Name a file of more than 8 MiB that the session wrote, whose chunks are stored",
      request: { params: attempt, headers: epoch, ...jsonBody(composeFileSchema) },
      responses: { 204: { description: "Stored" } },
    }),
    async (c) => {
      const { ctx } = c.var;
      const session = await sessionOf(ctx, { ...c.req.valid("param"), ...c.req.valid("header") });
      await composeFile(ctx, { ...c.req.valid("json"), teamId: outputTeam(session) });
      return c.body(null, 204);
    },
  );
}
