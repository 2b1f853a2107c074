export type Params = Record<string, string>;

/**
 * Parameters of a path that fits a pattern such as `/competitions/:name`, or null when it doesn't fit.
 * A last part `*name` takes the rest of the path, slashes included.
 */
export function matchPath(pattern: string, path: string): Params | null {
  const wanted = partsOf(pattern);
  const given = partsOf(path);
  const params: Params = {};
  for (const [index, part] of wanted.entries()) {
    if (part.startsWith("*")) {
      params[part.slice(1)] = given.slice(index).map(decode).join("/");
      return params;
    }
    const value = given[index];
    if (value === undefined) return null;
    if (part.startsWith(":")) params[part.slice(1)] = decode(value);
    else if (part !== value) return null;
  }
  return given.length === wanted.length ? params : null;
}

/** A query string of the parameters that have a value; empty when none has. */
export function queryString(values: Record<string, string | undefined>): string {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(values)) if (value) query.set(key, value);
  const text = query.toString();
  return text === "" ? "" : `?${text}`;
}

const partsOf = (path: string) => path.split("/").filter((part) => part !== "");

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
