/** A request's path with its names taken out, as the route is known in traces: `/v2/models/{model}/infer`. */
export function routeOf(path: string): string {
  const [, first = "", second = "", third = "", ...rest] = path.split("/");
  if (first === "v1" && second === "models") {
    const verb = third.indexOf(":");
    return `/v1/models/{model}${verb < 0 ? "" : third.slice(verb)}`;
  }
  if (first === "v2" && second === "models") {
    const versioned = rest[0] === "versions";
    const verb = versioned ? rest[2] : rest[0];
    return `/v2/models/{model}${versioned ? "/versions/{version}" : ""}${verb ? `/${verb}` : ""}`;
  }
  return "/{endpoint}";
}
