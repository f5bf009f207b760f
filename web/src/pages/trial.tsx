// One trial: curve, drawing, recipe, files, attempts.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo } from "react";
import { Link, useParams, useSearchParams } from "react-router";
import { type CurvePoint, type TrialDetail, get, post } from "../api/client";
import { useEvents } from "../api/events";
import { Chart } from "../charts/chart";
import { Artifacts } from "../components/artifacts";
import { Drawing } from "../components/drawing";
import { Facts, Failure, Fetched, Live, State } from "../components/parts";
import { ago, label, metric } from "../lib/format";

export default function TrialPage() {
  const { id = "" } = useParams();
  const query = useQuery({ queryKey: ["trial", id], queryFn: () => get<TrialDetail>(`/v1/trials/${id}`) });
  return <Fetched query={query}>{(trial) => <Detail trial={trial} />}</Fetched>;
}

function Detail({ trial }: { trial: TrialDetail }) {
  const connection = useEvents(`/v1/studies/${trial.study_id}/events`, [["trial", trial.id], ["curve", trial.id]]);
  const candidate = trial.candidate as { recipe?: Record<string, unknown>; network?: unknown } | null;
  const values = { ...trial.metrics, ...trial.statistics };
  useEffect(() => {
    document.title = `Trial ${trial.number} · Nascent`;
  }, [trial.number]);
  return (
    <>
      <p className="crumbs"><Link to="/">Studies</Link> / <Link to={`/studies/${trial.study_id}`}>Study</Link></p>
      <div className="heading">
        <h1>Trial {trial.number}{trial.final ? (trial.baseline ? " (baseline)" : " (final)") : ""}</h1>
        <State state={trial.state} />
        <Live connection={connection} />
        <Cancel trial={trial} />
      </div>
      {trial.reason && <p className={trial.state === "failed" || trial.state === "infeasible" ? "failure" : "note"}>{trial.reason}</p>}
      <section className="card" aria-label="Facts">
        <div className="figures">
          {Object.entries(values).map(([name, value]) => (
            <div key={name} className="figure"><span>{label(name)}</span><b>{metric(name, value)}</b></div>
          ))}
          <div className="figure"><span>Epochs</span><b>{trial.epochs_done} of {trial.epochs}</b></div>
        </div>
        <Facts rows={[["Attempt", String(trial.attempt)], ["Worker", trial.worker ?? "–"], ["Started", ago(trial.started_at)], ["Finished", ago(trial.finished_at)]]} />
      </section>
      <Curve id={trial.id} />
      {candidate?.network !== undefined && <Drawing trial={trial.id} />}
      <div className="columns">
        {candidate?.recipe && (
          <section className="card">
            <h2>Recipe</h2>
            <Facts rows={Object.entries(candidate.recipe).map(([name, value]): [string, string] => [label(name), plain(value)])} />
          </section>
        )}
        <section className="card">
          <h2>Files</h2>
          {trial.artifacts.length === 0 && <p className="quiet">None. The final training of a study exports its networks.</p>}
          <Artifacts artifacts={trial.artifacts} />
          <h2>Genotype</h2>
          <code className="genotype">{JSON.stringify(trial.genotype)}</code>
        </section>
      </div>
      <Attempts trial={trial} />
    </>
  );
}

const plain = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value));

function Cancel({ trial }: { trial: TrialDetail }) {
  const client = useQueryClient();
  const cancel = useMutation({
    mutationFn: () => post(`/v1/trials/${trial.id}/cancel`),
    onSettled: () => client.invalidateQueries({ queryKey: ["trial", trial.id] }),
  });
  if (!["waiting", "running", "paused"].includes(trial.state)) return null;
  return (
    <div className="actions">
      <button type="button" className="grave" disabled={cancel.isPending} onClick={() => cancel.mutate()}>Cancel trial</button>
      {cancel.error && <Failure error={cancel.error} />}
    </div>
  );
}

/** Loss and accuracy belong on axes of their own; curves of one unit share one. */
function Curve({ id }: { id: string }) {
  const query = useQuery({ queryKey: ["curve", id], queryFn: () => get<CurvePoint[]>(`/v1/trials/${id}/curve`) });
  const [params, setParams] = useSearchParams();
  const names = [...new Set((query.data ?? []).map((point) => point.metric))];
  // A final training is tested once: its curve is that of the loss.
  const curved = names.filter((name) => (query.data ?? []).filter((p) => p.metric === name).length > 1);
  const shown = params.get("curve") ?? curved.find((name) => name.endsWith("top1")) ?? curved.find((name) => name.endsWith("loss")) ?? names[0] ?? "";
  const unit = shown.replace(/^(train|test)_/, "");
  const lines = useMemo(() => {
    const alike = [...new Set((query.data ?? []).map((p) => p.metric))].filter((name) => name.replace(/^(train|test)_/, "") === unit);
    return alike.map((name) => ({
      name: label(name),
      points: (query.data ?? []).filter((p) => p.metric === name).map((p): [number, number] => [p.step, p.value]),
    }));
  }, [query.data, unit]);
  const units = [...new Set(names.map((name) => name.replace(/^(train|test)_/, "")))];
  return (
    <section className="card">
      <h2>
        Learning curve{" "}
        {units.length > 0 && (
          <select aria-label="Metric" value={unit} onChange={(event) => setParams({ curve: event.target.value }, { replace: true })}>
            {units.map((name) => <option key={name} value={name}>{label(name)}</option>)}
          </select>
        )}
      </h2>
      <Fetched query={query}>{() => <Chart title={`${unit} by epoch`} x="epoch" y={unit} lines={lines} dots={dotsOf(lines, unit)} />}</Fetched>
    </section>
  );
}

const dotsOf = (lines: { name: string; points: [number, number][] }[], unit: string) =>
  lines.flatMap((line) => line.points.map(([x, y]) => ({ x, y, title: `${line.name} after epoch ${x}: ${metric(unit, y)}` })));

type Ended = { state?: string; reason?: string; detail?: string; epoch?: number };

function Attempts({ trial }: { trial: TrialDetail }) {
  if (trial.attempts.length === 0) return null;
  return (
    <section className="card">
      <h2>Attempts</h2>
      <ol className="attempts">
        {trial.attempts.map((attempt, index) => {
          const ended = attempt.outcome as Ended;
          return (
            <li key={index}>
              Attempt {attempt.attempt}: <b>{ended.state ?? "ended"}</b>
              {ended.reason && ` (${ended.reason.replaceAll("_", " ")})`}
              {ended.epoch !== undefined && ` after epoch ${ended.epoch}`}
              {ended.detail && `: ${ended.detail}`} <span className="quiet">{ago(attempt.created_at)}</span>
            </li>
          );
        })}
      </ol>
    </section>
  );
}
