import { type FormEvent, useId, useState } from "react";
import { Field } from "../../ui/field.tsx";
import { type RuleKind, ruleInWords, ruleOf, type SurvivorRule } from "./survivor-rule.ts";

const KINDS: readonly (readonly [RuleKind, string])[] = [
  ["top", "The best so many"],
  ["share", "The best per cent"],
  ["score", "A score to reach"],
  ["all", "Everybody"],
];

interface Props {
  /** the one that is tried; null: the round's own */
  rule: SurvivorRule | null;
  order: "ascending" | "descending";
  onTry: (rule: SurvivorRule | null) => void;
}

/** Shows who another rule would let on. It changes nothing: the round's own rule is what an advance goes by. */
export function TryRule({ rule, order, onTry }: Props) {
  const [kind, setKind] = useState<RuleKind>("top");
  const [value, setValue] = useState("");
  const id = useId();
  const typed = ruleOf(kind, value);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (typed) onTry(typed);
  };
  return (
    <form className="form-row table-form" onSubmit={submit}>
      <div className="field">
        <label htmlFor={id}>Try another rule</label>
        <select id={id} value={kind} onChange={(event) => setKind(event.target.value as RuleKind)}>
          {KINDS.map(([each, title]) => (
            <option key={each} value={each}>
              {title}
            </option>
          ))}
        </select>
      </div>
      {kind !== "all" && (
        <Field
          label={kind === "share" ? "Per cent" : kind === "score" ? "Score" : "How many"}
          inputMode="decimal"
          value={value}
          onChange={(event) => setValue(event.target.value)}
        />
      )}
      <button type="submit" className="button" disabled={typed === null}>
        Preview
      </button>
      {rule !== null && (
        <>
          <button type="button" className="button" onClick={() => onTry(null)}>
            Back to the round's rule
          </button>
          <p className="quiet" role="status">
            Shown as if {ruleInWords(rule, order)} went on. Edit the contest to make it the rule.
          </p>
        </>
      )}
    </form>
  );
}
