// Who trains.
import { useQuery } from "@tanstack/react-query";
import { type Worker, get } from "../api/client";
import { Fetched, State } from "../components/parts";
import { ago } from "../lib/format";

export default function Workers() {
  const query = useQuery({ queryKey: ["workers"], queryFn: () => get<Worker[]>("/v1/workers"), refetchInterval: 5000 });
  return (
    <>
      <h1>Workers</h1>
      <Fetched query={query}>
        {(workers) =>
          workers.length === 0 ? (
            <div className="card empty">
              <h2>No worker has come yet</h2>
              <p>Start one where the data is: <code>nascent-worker run --url {location.origin}</code></p>
            </div>
          ) : (
            <div className="card scroll" tabIndex={0} role="region" aria-label="Workers">
              <table>
                <thead><tr><th>Name</th><th>State</th><th>Device</th><th className="number">Busy slots</th><th>Work</th><th>Data sets</th><th>Version</th><th>Last heard of</th></tr></thead>
                <tbody>
                  {workers.map((worker) => (
                    <tr key={worker.name}>
                      <td>{worker.name}</td>
                      <td><State state={stateOf(worker)} /></td>
                      <td>{worker.device}</td>
                      <td className="number">{worker.busy}/{worker.slots}</td>
                      <td>{worker.kinds.join(", ")}</td>
                      <td>{worker.datasets.join(", ")}</td>
                      <td>{worker.version}</td>
                      <td>{ago(worker.seen_at)}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          )
        }
      </Fetched>
    </>
  );
}

/** Workers report at least every half minute while they live. */
const SILENT_MS = 60_000;

function stateOf(worker: Worker): string {
  if (Date.now() - Date.parse(worker.seen_at) > SILENT_MS) return "away";
  return worker.busy > 0 ? "running" : "idle";
}
