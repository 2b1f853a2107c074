import type { FormEvent } from "react";
import { queryString } from "../../router/match.ts";
import { navigate } from "../../router/router.tsx";
import { KINDS, type SessionFilter, STATES } from "./filter.ts";

/** Filters of the session list; they live in the address, so a filtered list can be shared. */
export function Filters({ filter, teams }: { filter: SessionFilter; teams: readonly string[] }) {
  const set = (name: keyof SessionFilter, value: string) =>
    navigate(`/sessions${queryString({ ...filter, [name]: value === "" ? undefined : value })}`, {
      replace: true,
    });
  return (
    <search className="filters">
      <Choice label="State" value={filter.state} options={STATES} onChange={(value) => set("state", value)} />
      <Choice label="Kind" value={filter.kind} options={KINDS} onChange={(value) => set("kind", value)} />
      <Choice label="Team" value={filter.team} options={teams} onChange={(value) => set("team", value)} />
      <form onSubmit={(event) => submitName(event, set)}>
        <label>
          <span>Name, in full</span>
          <input
            key={filter.name}
            type="search"
            name="name"
            placeholder="owner/dataset/N"
            defaultValue={filter.name}
            onBlur={(event) => event.target.value !== (filter.name ?? "") && set("name", event.target.value)}
          />
        </label>
      </form>
    </search>
  );
}

function submitName(event: FormEvent<HTMLFormElement>, set: (name: "name", value: string) => void) {
  event.preventDefault();
  set("name", String(new FormData(event.currentTarget).get("name")).trim());
}

interface ChoiceProps {
  label: string;
  value: string | undefined;
  options: readonly string[];
  onChange: (value: string) => void;
}

function Choice({ label, value, options, onChange }: ChoiceProps) {
  return (
    <label>
      <span>{label}</span>
      <select value={value ?? ""} onChange={(event) => onChange(event.target.value)}>
        <option value="">any</option>
        {options.map((option) => (
          <option key={option}>{option}</option>
        ))}
      </select>
    </label>
  );
}
