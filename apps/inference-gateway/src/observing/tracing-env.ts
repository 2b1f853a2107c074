import { z } from "zod";
import type { TracingSettings } from "./tracing.ts";

const SAMPLERS = [
  "always_on",
  "always_off",
  "traceidratio",
  "parentbased_always_on",
  "parentbased_always_off",
  "parentbased_traceidratio",
] as const;

const address = z.url({ protocol: /^https?$/, error: "must be an http:// or https:// address" }).optional();
const protocol = z
  .enum(["http/protobuf", "http/json"], { error: "must be http/protobuf or http/json; grpc is not spoken" })
  .optional();
const pairs = z
  .string()
  .transform((text, context) => readPairs(text) ?? fail(context, "must be name=value,name=value"))
  .optional();

/** OpenTelemetry's own variables, as its specification has them; those of OTEL_BSP_… are read by its library. */
export const tracingVariables = {
  OTEL_SDK_DISABLED: z.stringbool().default(false),
  OTEL_EXPORTER_OTLP_ENDPOINT: address,
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: address,
  OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
  OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: protocol,
  OTEL_EXPORTER_OTLP_HEADERS: pairs,
  OTEL_EXPORTER_OTLP_TRACES_HEADERS: pairs,
  OTEL_SERVICE_NAME: z.string().optional(),
  OTEL_RESOURCE_ATTRIBUTES: pairs,
  OTEL_TRACES_SAMPLER: z.enum(SAMPLERS).default("parentbased_always_on"),
  OTEL_TRACES_SAMPLER_ARG: z.coerce
    .number({ error: "must be a share from 0 to 1" })
    .min(0, "must be a share from 0 to 1")
    .max(1, "must be a share from 0 to 1")
    .default(1),
};

type Variables = z.infer<z.ZodObject<typeof tracingVariables>>;

/** How traces are made and where they go; null where no collector is named. */
export function readTracing(env: Variables): TracingSettings | null {
  const url = env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? below(env.OTEL_EXPORTER_OTLP_ENDPOINT);
  if (url === undefined || env.OTEL_SDK_DISABLED) return null;
  const { "service.name": named, ...resource } = env.OTEL_RESOURCE_ATTRIBUTES ?? {};
  const sampler = env.OTEL_TRACES_SAMPLER;
  return {
    url,
    protocol: env.OTEL_EXPORTER_OTLP_TRACES_PROTOCOL ?? env.OTEL_EXPORTER_OTLP_PROTOCOL ?? "http/protobuf",
    headers: { ...env.OTEL_EXPORTER_OTLP_HEADERS, ...env.OTEL_EXPORTER_OTLP_TRACES_HEADERS },
    serviceName: env.OTEL_SERVICE_NAME ?? named ?? "podium-gateway",
    resource,
    followsCaller: sampler.startsWith("parentbased"),
    ratio: sampler.endsWith("ratio") ? env.OTEL_TRACES_SAMPLER_ARG : sampler.endsWith("_on") ? 1 : 0,
  };
}

/** The signal's path below a collector's base address. */
function below(base: string | undefined): string | undefined {
  return base === undefined ? undefined : `${base.replace(/\/+$/, "")}/v1/traces`;
}

/** `name=value,name=value`, both percent-encoded; null when it is something else. */
function readPairs(text: string): Record<string, string> | null {
  const parts = text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
  try {
    return Object.fromEntries(
      parts.map((part) => {
        const equals = part.indexOf("=");
        if (equals < 1) throw new URIError(part);
        return [part.slice(0, equals).trim(), decodeURIComponent(part.slice(equals + 1).trim())];
      }),
    );
  } catch {
    return null;
  }
}

function fail(context: z.RefinementCtx, message: string): never {
  context.addIssue({ code: "custom", message });
  return z.NEVER;
}
