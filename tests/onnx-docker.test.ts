import { expect, setDefaultTimeout, test } from "bun:test";
import { dockerEnv, sharedDaemon, testImage } from "../apps/node-runner/src/testing/docker.ts";
import { smallNetwork } from "../apps/onnx-server/src/testing/models.ts";
import { requires } from "../scripts/testing/requires.ts";
import { startServingChain } from "./lib/serving-chain.ts";

setDefaultTimeout(180_000);

const { available, reason } = requires("docker");

test.skipIf(!available)(
  `in a container an ONNX file needs nothing of the image but its C and C++ libraries${available ? "" : ` (skipped: ${reason})`}`,
  async () => {
    const host = await sharedDaemon();
    const image = await testImage(host, ["libstdc++6"]);
    const env = { ...(await dockerEnv(host)), PODIUM_DEFAULT_IMAGE: image };
    const model = { name: "net", files: { "model.onnx": smallNetwork() } };
    await using chain = await startServingChain([model], undefined, env);
    const answer = await fetch(`${chain.url}/net`, {
      method: "POST",
      headers: { authorization: `Bearer ${chain.key}` },
      body: JSON.stringify([Array(16).fill(0)]),
    });
    expect([answer.status, await answer.json()]).toEqual([200, [[0.5]]]);
  },
);
