// Latency tables: what `measure` runs found on each device.
import { useMutation, useQuery } from "@tanstack/react-query";
import { useDeferredValue, useState } from "react";
import { Link, useParams } from "react-router";
import { type LatencyTable, type LatencyTableView, download, get } from "../api/client";
import { Failure, Fetched } from "../components/parts";
import { ago } from "../lib/format";

const pathOf = (device: string, batch: number | string) => `/latencies/${encodeURIComponent(device)}/${batch}`;

export default function Latencies() {
  const { device, batch } = useParams();
  return device && batch ? <Detail device={device} batch={batch} /> : <List />;
}

function List() {
  const query = useQuery({ queryKey: ["latencies"], queryFn: () => get<LatencyTableView[]>("/v1/latency-tables") });
  return (
    <>
      <h1>Latency tables</h1>
      <p className="quiet">Times of operators and networks that workers measured, by device and batch. They outlive the studies that asked for them.</p>
      <Fetched query={query}>
        {(tables) =>
          tables.length === 0 ? (
            <div className="card empty">
              <h2>Nothing was measured yet</h2>
              <p>A strategy that minds latency orders measurements by itself.</p>
            </div>
          ) : (
            <div className="card scroll" tabIndex={0} role="region" aria-label="Latency tables">
              <table>
                <thead><tr><th>Device</th><th className="number">Batch</th><th className="number">Entries</th><th>Newest</th><th>Oldest</th></tr></thead>
                <tbody>
                  {tables.map((table) => (
                    <tr key={`${table.device}/${table.batch}`}>
                      <td><Link to={pathOf(table.device, table.batch)}>{table.device}</Link></td>
                      <td className="number">{table.batch}</td>
                      <td className="number">{table.entries.toLocaleString("en")}</td>
                      <td>{ago(table.newest)}</td>
                      <td>{ago(table.oldest)}</td>
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

/** Rows shown at once; the filter finds the others. */
const MOST = 500;

function Detail({ device, batch }: { device: string; batch: string }) {
  const path = `/v1/latency-tables/${encodeURIComponent(device)}/${batch}`;
  const query = useQuery({ queryKey: ["latencies", device, batch], queryFn: () => get<LatencyTable>(path) });
  const save = useMutation({ mutationFn: () => download(`${path}/document`, `latencies-${device.replaceAll(/[^\w.-]+/g, "-")}-${batch}.json`) });
  const [sought, setSought] = useState("");
  const filter = useDeferredValue(sought.toLowerCase());
  return (
    <>
      <p className="crumbs"><Link to="/latencies">Latency tables</Link></p>
      <div className="heading">
        <h1>{device}</h1>
        <span className="quiet">batch {batch}</span>
        <div className="actions"><button type="button" title="A document for the option latency_table of a study" onClick={() => save.mutate()}>↓ Download JSON</button></div>
      </div>
      {save.error && <Failure error={save.error} />}
      <Fetched query={query}>
        {(table) => {
          const entries = Object.entries(table.latencies).filter(([signature]) => signature.toLowerCase().includes(filter));
          return (
            <section className="card" aria-label="Entries">
              <label className="find">Find <input type="search" value={sought} onChange={(event) => setSought(event.target.value)} /></label>
              <p className="hint" role="status">{entries.length.toLocaleString("en")} entries{entries.length > MOST ? `, the first ${MOST} are shown` : ""}</p>
              <div className="scroll" tabIndex={0} role="region" aria-label="Latencies">
                <table>
                  <thead><tr><th>Graph</th><th className="number">Median (µs)</th><th className="number">Mean (µs)</th><th className="number">Runs</th><th>Measured</th></tr></thead>
                  <tbody>
                    {entries.slice(0, MOST).map(([signature, entry]) => (
                      <tr key={signature}>
                        <td className="signature">{signature}</td>
                        <td className="number">{entry.median_us.toFixed(1)}</td>
                        <td className="number">{entry.mean_us.toFixed(1)}</td>
                        <td className="number">{entry.runs}</td>
                        <td>{ago(entry.measured_at)}</td>
                      </tr>
                    ))}
                  </tbody>
                </table>
              </div>
            </section>
          );
        }}
      </Fetched>
    </>
  );
}
