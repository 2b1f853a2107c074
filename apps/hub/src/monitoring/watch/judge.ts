import type { AlertKind } from "@podium/shared";

/** Something found to be wrong, now. */
export interface Finding {
  kind: AlertKind;
  /** the same for as long as it is the same trouble */
  subject: string;
  teamId: string | null;
  nodeId: string | null;
  sessionId: string | null;
  text: string;
  /** how long it must have lasted before it is told; infinity: not as things are, but it goes on being so */
  lastsMs: number;
}

/** An alert that is not over. */
export interface Open {
  id: string;
  kind: Finding["kind"];
  subject: string;
  nodeId: string | null;
  firstSeenAt: Date;
  raisedAt: Date | null;
}

export interface Verdict<O extends Open> {
  begin: Finding[];
  raise: { alert: O; finding: Finding }[];
  clear: O[];
  /** seen once and gone before it was worth telling */
  forget: O[];
}

const keyOf = ({ kind, subject }: Pick<Finding, "kind" | "subject">) => `${kind} ${subject}`;

/**
 * What begins, is to be told, is over. What was told stays told until it is over; of a node that says nothing at the
 * moment nothing begins and nothing ends.
 */
export function judge<O extends Open>(
  open: readonly O[],
  findings: readonly Finding[],
  isSilent: (nodeId: string) => boolean,
  now: Date,
): Verdict<O> {
  const found = new Map(findings.map((finding) => [keyOf(finding), finding]));
  const known = new Set(open.map(keyOf));
  const verdict: Verdict<O> = { begin: [], raise: [], clear: [], forget: [] };
  for (const alert of open) {
    const finding = found.get(keyOf(alert));
    if (finding) {
      const lasted = now.getTime() - alert.firstSeenAt.getTime();
      if (alert.raisedAt === null && lasted >= finding.lastsMs) verdict.raise.push({ alert, finding });
    } else if (alert.nodeId === null || !isSilent(alert.nodeId)) {
      (alert.raisedAt === null ? verdict.forget : verdict.clear).push(alert);
    }
  }
  for (const [key, finding] of found) if (!known.has(key)) verdict.begin.push(finding);
  return verdict;
}
