import type { Dataset } from "../../api/types.ts";
import { bytes, plural } from "../../format/numbers.ts";
import { Link } from "../../router/router.tsx";
import { Page, TableScroll } from "../../ui/page.tsx";
import { ShowMore } from "../../ui/show-more.tsx";
import { Empty, Show } from "../../ui/states.tsx";
import { Time } from "../../ui/time.tsx";
import { useDatasets } from "./queries.ts";
import { readSearch } from "./search.ts";
import { SearchForm } from "./search-form.tsx";
import { Tags } from "./tags.tsx";

/** Datasets that one may use, with a search in the address. */
export function DatasetsPage({ query }: { query: URLSearchParams }) {
  const search = readSearch(query);
  const datasets = useDatasets(search);
  const items = datasets.data?.pages.flatMap((page) => page.items);
  return (
    <Page title="Datasets" lead="Data in versions that never change. Sessions mount one or several.">
      <SearchForm search={search} />
      <Show answer={{ data: items, error: datasets.error, refetch: datasets.refetch }} what="datasets">
        {(shown) =>
          shown.length === 0 ? (
            <NoDatasets searched={search.q !== undefined || search.tag !== undefined} />
          ) : (
            <>
              <DatasetTable datasets={shown} />
              <ShowMore of={datasets} />
            </>
          )
        }
      </Show>
    </Page>
  );
}

function NoDatasets({ searched }: { searched: boolean }) {
  if (searched) {
    return (
      <Empty title="No dataset fits">
        <Link to="/datasets">Clear the search</Link> to see all.
      </Empty>
    );
  }
  return (
    <Empty title="No datasets yet">
      Push a folder: <code>podium dataset push NAME FOLDER</code>
    </Empty>
  );
}

function DatasetTable({ datasets }: { datasets: readonly Dataset[] }) {
  return (
    <div className="card card-flush">
      <TableScroll label="Datasets">
        <table className="table">
          <thead>
            <tr>
              <th>Dataset</th>
              <th>Tags</th>
              <th className="number">Size</th>
              <th>Author</th>
              <th>Modified</th>
              <th>Last access</th>
            </tr>
          </thead>
          <tbody>
            {datasets.map((dataset) => (
              <tr key={dataset.id}>
                <td>
                  <Link to={`/datasets/${dataset.team}/${dataset.name}`} className="strong nowrap">
                    {dataset.team}/{dataset.name}
                  </Link>
                  {dataset.visibility !== "team" && <span className="tag">{dataset.visibility}</span>}
                  <span className="under">{dataset.description.split("\n")[0]}</span>
                </td>
                <td>
                  <Tags tags={dataset.tags} />
                </td>
                <td className="number">
                  {dataset.latest_version === 0 ? (
                    <span className="quiet">empty</span>
                  ) : (
                    <>
                      {bytes(dataset.size_bytes)}
                      <span className="under">{plural(dataset.files, "file")}</span>
                    </>
                  )}
                </td>
                <td>{dataset.author ?? <span className="quiet">–</span>}</td>
                <td className="nowrap">
                  <Time at={dataset.modified_at} />
                  <span className="under">version {dataset.latest_version}</span>
                </td>
                <td className="nowrap">
                  {dataset.last_access_at ? (
                    <Time at={dataset.last_access_at} />
                  ) : (
                    <span className="quiet">never</span>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </TableScroll>
    </div>
  );
}
