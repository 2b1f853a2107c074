import { queryString } from "../../router/match.ts";
import { Link } from "../../router/router.tsx";

/** A dataset's tags; each leads to all datasets that have it. */
export function Tags({ tags }: { tags: readonly string[] }) {
  return (
    <span className="chips">
      {tags.map((tag) => (
        <Link key={tag} to={`/datasets${queryString({ tag })}`} className="chip">
          {tag}
        </Link>
      ))}
    </span>
  );
}
