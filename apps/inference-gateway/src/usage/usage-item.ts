/**
 * Calls of one endpoint, made with one key, since the last report. `calls`: requests that were put before a model and
 * have ended; `failed`: those of them that were answered with anything but 200. The hub charges the difference.
 */
export interface UsageItem {
  endpoint_id: string;
  key_id?: string | undefined;
  calls: number;
  failed: number;
}

/** Name of what an item counts, as the running counts have it. */
export function nameOf({
  endpoint_id,
  key_id,
}: {
  endpoint_id: string;
  key_id?: string | undefined;
}): string {
  return key_id ? `${endpoint_id}/${key_id}` : endpoint_id;
}
