import { createRouter } from "../platform/http.ts";
import { blobRoutes } from "./blobs/routes.ts";
import { treeRoutes } from "./trees/routes.ts";

/** Bytes and trees of them; datasets have routes of their own. */
export function dataRoutes() {
  const router = createRouter();
  router.route("/", blobRoutes());
  router.route("/", treeRoutes());
  return router;
}
