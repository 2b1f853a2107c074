// A replica without a model behind it: answers every item with itself. Argument: the gateway's address.
import { startTestReplica } from "../../apps/inference-gateway/src/testing/test-replica.ts";

const [url = ""] = process.argv.slice(2);
const replica = await startTestReplica({ url });
// It keeps its batches for tests to look at.
setInterval(() => replica.batches.splice(0), 100);
process.stdin.on("end", () => process.exit(0)).resume();
console.log(JSON.stringify({ url }));
