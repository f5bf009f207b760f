// All studies, newest first.
import { useQuery } from "@tanstack/react-query";
import { Link, useSearchParams } from "react-router";
import { type Page, type Study, get } from "../api/client";
import { useEvents } from "../api/events";
import { Fetched, Live, Progress, State } from "../components/parts";
import { ago, duration, metric } from "../lib/format";
import { documentOf } from "../lib/trials";

const STATES = ["running", "paused", "stopping", "completed", "stopped", "failed"];

export default function Studies() {
  const [params, setParams] = useSearchParams();
  const state = params.get("state") ?? "";
  const query = useQuery({
    queryKey: ["studies", state],
    queryFn: () => get<Page<Study>>(`/v1/studies?limit=200${state ? `&state=${state}` : ""}`),
  });
  const connection = useEvents("/v1/events", [["studies"]]);
  return (
    <>
      <div className="heading">
        <h1>Studies</h1>
        <Live connection={connection} />
        <label className="filter">
          State{" "}
          <select value={state} onChange={(event) => setParams(event.target.value ? { state: event.target.value } : {})}>
            <option value="">all</option>
            {STATES.map((name) => <option key={name}>{name}</option>)}
          </select>
        </label>
        <Link className="button" to="/new">New study</Link>
      </div>
      <Fetched query={query}>{(page) => (page.items.length === 0 ? <Empty state={state} /> : <List studies={page.items} />)}</Fetched>
    </>
  );
}

function Empty({ state }: { state: string }) {
  if (state) return <p className="card empty">No study is {state}.</p>;
  return (
    <div className="card empty">
      <h2>No studies yet</h2>
      <p>A study is one search: a space of networks, a data set, objectives and a budget.</p>
      <p>Start one from the <Link to="/new">form</Link>, or from a file: <code>nascent run study.yaml</code></p>
    </div>
  );
}

function List({ studies }: { studies: Study[] }) {
  return (
    <div className="card scroll" tabIndex={0} role="region" aria-label="Studies">
      <table>
        <thead>
          <tr><th>Name</th><th>State</th><th>Progress</th><th className="number">Best</th><th className="number">Left</th><th>Started</th></tr>
        </thead>
        <tbody>
          {studies.map((study) => (
            <tr key={study.id}>
              <td><Link to={`/studies/${study.id}`}>{study.name}</Link></td>
              <td><State state={study.state} /></td>
              <td><Progress share={study.progress.share} label={`Progress of ${study.name}`} /> {study.progress.trials} trials</td>
              <td className="number">{best(study)}</td>
              <td className="number">{study.state === "running" ? duration(study.seconds_left) : "–"}</td>
              <td>{ago(study.created_at)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function best(study: Study): string {
  const objective = documentOf(study).objectives[0];
  const values = study.best?.metrics as Record<string, number> | undefined;
  return objective && values ? metric(objective.metric, values[objective.metric]) : "–";
}
