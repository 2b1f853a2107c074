import type {
  FiguresReport,
  GatewayLoad,
  GatewayNews,
  HeldProgress,
  RouteTable,
  VersionReport,
} from "@podium/shared";
import type { Heartbeat, UsageReport } from "../routing/hub-client.ts";

export const GATEWAY_TOKEN = "a-gateway-token-for-tests";

export interface TestHub {
  url: string;
  table: RouteTable;
  /** calls of each endpoint as a hub would charge them: every report once */
  calls(endpointId: string): number;
  heartbeats: Heartbeat[];
  /** the newest totals of each run of a gateway and version: `run binding` */
  versions: Map<string, VersionReport["versions"][number]>;
  /** what it answers to heartbeats; null: nothing, as hubs did before there was news */
  news: GatewayNews | null;
  reports: UsageReport[];
  /** minutes' figures as they came, repeated ones too */
  figures: FiguresReport[];
  /** status that figures are answered with */
  figuresStatus: number;
  loads: GatewayLoad[];
  /** what it says that held calls wait for */
  held: HeldProgress["held"];
  /** what the hub does with usage: takes it, takes it but loses the answer, or refuses it */
  usage: "take" | "take silently" | "refuse";
  publish(change: (table: RouteTable) => void): void;
  stop(): Promise<void>;
}

const LONG_POLL_MS = 25_000;

/** The hub's side of the gateway's conversation, in memory. */
export function startTestHub(table: RouteTable, port = 0): TestHub {
  const seen = new Map<number, UsageReport>();
  let wake = Promise.withResolvers<void>();
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port,
    idleTimeout: 60,
    async fetch(request) {
      if (request.headers.get("authorization") !== `Bearer ${GATEWAY_TOKEN}`)
        return new Response(null, { status: 401 });
      const { pathname, searchParams } = new URL(request.url);
      if (pathname.endsWith("/routes")) return answerRoutes(Number(searchParams.get("after")));
      if (pathname.endsWith("/heartbeat")) {
        hub.heartbeats.push((await request.json()) as Heartbeat);
        if (hub.news) return Response.json(hub.news);
      }
      if (pathname.endsWith("/load")) {
        hub.loads.push((await request.json()) as GatewayLoad);
        return Response.json({ held: hub.held });
      }
      if (pathname.endsWith("/usage")) return takeUsage((await request.json()) as UsageReport);
      if (pathname.endsWith("/versions")) {
        const { run_id, versions } = (await request.json()) as VersionReport;
        for (const version of versions) hub.versions.set(`${run_id} ${version.binding_id}`, version);
      }
      if (pathname.endsWith("/figures")) {
        hub.figures.push((await request.json()) as FiguresReport);
        return new Response(null, { status: hub.figuresStatus });
      }
      return new Response(null, { status: 204 });
    },
  });

  async function answerRoutes(after: number): Promise<Response> {
    if (after >= hub.table.version) await Promise.race([wake.promise, Bun.sleep(LONG_POLL_MS)]);
    return after < hub.table.version ? Response.json(hub.table) : new Response(null, { status: 204 });
  }

  function takeUsage(report: UsageReport): Response {
    hub.reports.push(report);
    if (hub.usage !== "refuse") seen.set(report.sequence, report);
    return new Response(null, { status: hub.usage === "take" ? 204 : 503 });
  }

  const hub: TestHub = {
    url: `http://127.0.0.1:${server.port}`,
    table,
    heartbeats: [],
    versions: new Map(),
    news: null,
    reports: [],
    figures: [],
    figuresStatus: 204,
    loads: [],
    held: [],
    usage: "take",
    calls: (endpointId) =>
      [...seen.values()]
        .flatMap((report) => report.items)
        .reduce((sum, item) => sum + (item.endpoint_id === endpointId ? item.calls : 0), 0),
    publish(change) {
      hub.table = structuredClone(hub.table);
      change(hub.table);
      hub.table.version += 1;
      wake.resolve();
      wake = Promise.withResolvers();
    },
    stop: () => server.stop(true),
  };
  return hub;
}
