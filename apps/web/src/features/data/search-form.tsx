import type { FormEvent } from "react";
import { queryString } from "../../router/match.ts";
import { Link, navigate } from "../../router/router.tsx";
import { type DatasetSearch, SORTS } from "./search.ts";

const addressOf = (search: DatasetSearch) => `/datasets${queryString({ ...search })}`;

/** Words, order and tag of the list; they live in the address, so a search can be shared. */
export function SearchForm({ search }: { search: DatasetSearch }) {
  const { tag, ...withoutTag } = search;
  const set = (name: keyof DatasetSearch, value: string) =>
    navigate(`/datasets${queryString({ ...search, [name]: value })}`, { replace: true });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    set("q", String(new FormData(event.currentTarget).get("q")).trim());
  };
  return (
    <search className="filters">
      <form onSubmit={submit}>
        <label>
          <span>Search</span>
          <input
            key={search.q}
            type="search"
            name="q"
            maxLength={200}
            placeholder="name, description or tag"
            defaultValue={search.q}
            onBlur={(event) =>
              event.target.value.trim() !== (search.q ?? "") && set("q", event.target.value.trim())
            }
          />
        </label>
      </form>
      <label>
        <span>Sorted by</span>
        <select
          value={search.sort ?? SORTS[0]?.[0]}
          onChange={(event) => set("sort", event.target.value === SORTS[0]?.[0] ? "" : event.target.value)}
        >
          {SORTS.map(([value, text]) => (
            <option key={value} value={value}>
              {text}
            </option>
          ))}
        </select>
      </label>
      {tag && (
        <p className="filter-tag">
          <span>Tag</span>
          <Link to={addressOf(withoutTag)} replace className="chip" aria-label={`Any tag, not only ${tag}`}>
            {tag} <span aria-hidden="true">×</span>
          </Link>
        </p>
      )}
    </search>
  );
}
