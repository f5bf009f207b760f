// One trial: curve, recipe, drawing, artifacts.
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useParams } from "react-router";
import { type CurvePoint, type TrialDetail, get } from "../api/client";
import { useEvents } from "../api/events";
import { Chart } from "../charts/chart";
import { Facts, Fetched, Live, State } from "../components/parts";
import { bytes, metric } from "../lib/format";

export default function TrialPage() {
  const { id = "" } = useParams();
  const query = useQuery({ queryKey: ["trial", id], queryFn: () => get<TrialDetail>(`/v1/trials/${id}`) });
  return <Fetched query={query}>{(trial) => <Detail trial={trial} />}</Fetched>;
}

function Detail({ trial }: { trial: TrialDetail }) {
  const connection = useEvents(`/v1/studies/${trial.study_id}/events`, [["trial", trial.id], ["curve", trial.id]]);
  const candidate = trial.candidate as { recipe?: Record<string, unknown>; network?: unknown };
  const values = { ...(trial.statistics as Record<string, number>), ...(trial.metrics as Record<string, number>) };
  return (
    <>
      <p><Link to={`/studies/${trial.study_id}`}>← Study</Link></p>
      <div className="heading">
        <h1>Trial {trial.number}{trial.final ? (trial.baseline ? " (baseline)" : " (final)") : ""}</h1>
        <State state={trial.state} />
        <Live connection={connection} />
      </div>
      <section className="card" aria-label="Facts">
        <Facts
          rows={[
            ...Object.entries(values).map(([name, value]): [string, string] => [name, metric(name, value)]),
            ["Epochs", `${trial.epochs_done} of ${trial.epochs}`],
            ["Attempt", String(trial.attempt)],
            ["Worker", trial.worker ?? "–"],
            ...(trial.reason ? ([["Reason", trial.reason]] as [string, string][]) : []),
          ]}
        />
      </section>
      <Curve id={trial.id} />
      {candidate.network !== undefined && <Drawing id={trial.id} />}
      <div className="columns">
        {candidate.recipe && (
          <section className="card">
            <h2>Recipe</h2>
            <Facts rows={Object.entries(candidate.recipe).map(([name, value]): [string, string] => [name, JSON.stringify(value)])} />
          </section>
        )}
        <section className="card">
          <h2>Artifacts</h2>
          {trial.artifacts.length === 0 && <p className="quiet">None. A study's `final` training exports its network.</p>}
          <ul>
            {trial.artifacts.map((artifact) => (
              <li key={artifact.id}><a href={`/v1/artifacts/${artifact.id}`} download>{artifact.name}</a> <span className="quiet">{bytes(artifact.size)}</span></li>
            ))}
          </ul>
          <h2>Genotype</h2>
          <code className="genotype">{JSON.stringify(trial.genotype)}</code>
        </section>
      </div>
    </>
  );
}

function Curve({ id }: { id: string }) {
  const query = useQuery({ queryKey: ["curve", id], queryFn: () => get<CurvePoint[]>(`/v1/trials/${id}/curve`) });
  const [shown, setShown] = useState("");
  return (
    <Fetched query={query}>
      {(points) => {
        const names = [...new Set(points.map((point) => point.metric))];
        const name = shown || names.find((n) => n === "top1" || n === "test_top1") || names[0] || "";
        return (
          <section className="card">
            <h2>
              Learning curve of{" "}
              <select aria-label="Metric" value={name} onChange={(event) => setShown(event.target.value)}>
                {names.map((n) => <option key={n}>{n}</option>)}
              </select>
            </h2>
            <Chart title={`${name} by epoch`} x="epoch" y={name}
              lines={[{ name, points: points.filter((p) => p.metric === name).map((p): [number, number] => [p.step, p.value]) }]} />
          </section>
        );
      }}
    </Fetched>
  );
}

function Drawing({ id }: { id: string }) {
  return (
    <section className="card">
      <h2>Network</h2>
      <div className="drawing" tabIndex={0} role="region" aria-label="Drawing of the network">
        <img src={`/v1/trials/${id}/graph`} alt="Layers of the network and how they are connected" />
      </div>
    </section>
  );
}
