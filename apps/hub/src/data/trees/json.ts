import { parseManifest } from "@podium/shared";
import type { Context } from "../../platform/context.ts";
import { manifestPages, type TreeRow } from "./store.ts";

const encoder = new TextEncoder();

/** A tree as `treeSchema` describes it, in JSON, page by page: a large one is never in memory as a whole. */
export async function* treeJson(
  ctx: Context,
  { id, size }: Pick<TreeRow, "id" | "size">,
): AsyncGenerator<Uint8Array> {
  let text = `{"id":"${id}","size":${size},"entries":[`;
  let isFirst = true;
  for await (const manifest of manifestPages(ctx.db, id)) {
    for (const entry of parseManifest(manifest)) {
      text += `${isFirst ? "" : ","}${JSON.stringify(entry)}`;
      isFirst = false;
    }
    yield encoder.encode(text);
    text = "";
  }
  yield encoder.encode(`${text}]}`);
}
