import type { Metric, Registry } from "prom-client";

type Labels = Record<string, string>;

/** Counts by upper bound, the last of what is above all of them; not cumulative. */
interface Buckets {
  buckets: readonly number[];
  counts: ArrayLike<number> & Iterable<number>;
  sum: number;
}

/** A counter or gauge whose values are read off what is kept elsewhere, at the scrape. */
export function readOff(
  registry: Registry,
  type: "counter" | "gauge",
  name: string,
  help: string,
  read: () => (readonly [Labels, number])[],
) {
  register(registry, type, name, help, () => read().map(([labels, value]) => ({ labels, value })));
}

/** A histogram that is counted elsewhere, with labels for each. */
export function readOffHistogram(
  registry: Registry,
  name: string,
  help: string,
  read: () => (readonly [Labels, Buckets])[],
) {
  register(registry, "histogram", name, help, () =>
    read().flatMap(([labels, buckets]) => samplesOf(name, labels, buckets)),
  );
}

/** The registry asks of a metric only `name` and `get`; prom-client's own are filled one value at a time. */
function register(registry: Registry, type: string, name: string, help: string, values: () => unknown[]) {
  const get = async () => ({ name, help, type, aggregator: "sum", values: values() });
  registry.registerMetric({ name, help, get } as unknown as Metric);
}

function samplesOf(name: string, labels: Labels, { buckets, counts, sum }: Buckets) {
  let total = 0;
  const samples = [...counts].map((count, index) => {
    total += count;
    return {
      metricName: `${name}_bucket`,
      labels: { ...labels, le: String(buckets[index] ?? "+Inf") },
      value: total,
    };
  });
  return [
    ...samples,
    { metricName: `${name}_sum`, labels, value: sum },
    { metricName: `${name}_count`, labels, value: total },
  ];
}
