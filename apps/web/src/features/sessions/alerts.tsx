import { useAlerts } from "./queries.ts";

/** What is wrong with a session that runs, as its team was told. Nothing while nothing is. */
export function Alerts({ id }: { id: string }) {
  const { data = [] } = useAlerts(id);
  return data.map((alert) => (
    <div key={alert.id} className="notice" role="status">
      <p className="notice-text">{alert.text}</p>
    </div>
  ));
}
