const WITH_OFFSET = /(Z|[+-]\d\d:?\d\d)$/i;
const FORM =
  /^(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]+(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?)?\s*(Z|[+-]\d\d:?\d\d)?$/i;

/** A date or time as people write them into YAML; null when it is none. Without an offset it is taken for UTC. */
export function readTime(text: string): { iso: string; assumedUtc: boolean } | null {
  const match = FORM.exec(text.trim());
  if (!match) return null;
  const [, year, month = "", day = "", hour = "0", minute = "00", second = "00", offset = "Z"] = match;
  const two = (part: string) => part.padStart(2, "0");
  const zone = offset.toUpperCase().replace(/^([+-]\d\d)(\d\d)$/, "$1:$2");
  const written = `${year}-${two(month)}-${two(day)}T${two(hour)}:${minute}:${second}`;
  const time = new Date(`${written}${zone}`);
  // 31 February would be a day in March.
  const same = new Date(`${written}Z`).toJSON()?.startsWith(written);
  if (Number.isNaN(time.getTime()) || !same) return null;
  return { iso: time.toISOString().replace(".000Z", "Z"), assumedUtc: !WITH_OFFSET.test(text.trim()) };
}
