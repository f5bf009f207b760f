// Who trains.
import { useQuery } from "@tanstack/react-query";
import { type Worker, get } from "../api/client";
import { Fetched } from "../components/parts";
import { ago } from "../lib/format";

export default function Workers() {
  const query = useQuery({ queryKey: ["workers"], queryFn: () => get<Worker[]>("/v1/workers"), refetchInterval: 5000 });
  return (
    <>
      <h1>Workers</h1>
      <Fetched query={query}>
        {(workers) =>
          workers.length === 0 ? (
            <div className="card">
              <p>No worker has come yet.</p>
              <p>Start one where the data is: <code>nascent-worker run --url {location.origin}</code></p>
            </div>
          ) : (
            <div className="scroll">
              <table>
                <thead><tr><th>Name</th><th>Device</th><th>Busy slots</th><th>Data sets</th><th>Version</th><th>Last heard of</th></tr></thead>
                <tbody>
                  {workers.map((worker) => (
                    <tr key={worker.name}>
                      <td>{worker.name}</td>
                      <td>{worker.device}</td>
                      <td className="number">{worker.busy}/{worker.slots}</td>
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
