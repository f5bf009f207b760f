// What came out of a study: the best candidates and the baseline, tested once.
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { type Study, type Trial, get } from "../api/client";
import { metric } from "../lib/format";
import { valueOf } from "../lib/trials";

export function Result({ study }: { study: Study }) {
  const query = useQuery({ queryKey: ["best", study.id], queryFn: () => get<Trial[]>(`/v1/studies/${study.id}/best`) });
  const finals = (query.data ?? []).filter((trial) => trial.final);
  if (finals.length === 0) return null;
  const columns = ["test_top1", "test_loss", "params", "flops"];
  return (
    <section className="card" aria-labelledby="result">
      <h2 id="result">Result on the test set</h2>
      <table>
        <thead><tr><th>Network</th>{columns.map((name) => <th key={name} className="number">{name}</th>)}</tr></thead>
        <tbody>
          {finals.map((trial) => (
            <tr key={trial.id}>
              <td><Link to={`/trials/${trial.id}`}>{trial.baseline ? "hand-made baseline" : "best candidate"}</Link></td>
              {columns.map((name) => <td key={name} className="number">{metric(name, valueOf(trial, name))}</td>)}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
