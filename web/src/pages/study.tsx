// One study: progress, charts, result, trials.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate, useParams } from "react-router";
import { type Page, type Study, type Trial, call, get, post } from "../api/client";
import { useEvents } from "../api/events";
import { Chart } from "../charts/chart";
import { Insights } from "../components/insights";
import { Facts, Failure, Fetched, Live, Progress, State } from "../components/parts";
import { Result } from "../components/result";
import { TrialTable } from "../components/trial-table";
import { duration, metric } from "../lib/format";
import { type Objective, bestSoFar, documentOf, paretoFront, valueOf } from "../lib/trials";

export default function StudyPage() {
  const { id = "" } = useParams();
  const query = useQuery({ queryKey: ["study", id], queryFn: () => get<Study>(`/v1/studies/${id}`) });
  const connection = useEvents(`/v1/studies/${id}/events`, [["study", id], ["trials", id], ["best", id], ["insights", id]]);
  return (
    <Fetched query={query}>
      {(study) => (
        <>
          <div className="heading">
            <h1>{study.name}</h1>
            <State state={study.state} />
            <Live connection={connection} />
            <Actions study={study} />
          </div>
          <Overview study={study} />
          <Result study={study} />
          <Charts study={study} />
          <Insights study={study.id} />
          <TrialTable study={study} />
        </>
      )}
    </Fetched>
  );
}

const ACTIONS: Record<string, string[]> = {
  running: ["pause", "stop", "cancel"],
  paused: ["resume", "stop", "cancel"],
  stopping: ["cancel"],
};

function Actions({ study }: { study: Study }) {
  const client = useQueryClient();
  const act = useMutation({
    mutationFn: (verb: string) => post(`/v1/studies/${study.id}/${verb}`),
    onSettled: () => client.invalidateQueries({ queryKey: ["study", study.id] }),
  });
  const verbs = ACTIONS[study.state] ?? [];
  return (
    <div className="actions">
      {verbs.map((verb) => (
        <button key={verb} type="button" disabled={act.isPending} onClick={() => act.mutate(verb)}>{verb}</button>
      ))}
      {verbs.length > 0 && <Limits study={study} />}
      {act.error && <Failure error={act.error} />}
    </div>
  );
}

/** Limits that may change while the study runs. */
function Limits({ study }: { study: Study }) {
  const client = useQueryClient();
  const change = useMutation({
    mutationFn: (limits: Record<string, number>) => call("PATCH", `/v1/studies/${study.id}`, limits),
    onSuccess: () => client.invalidateQueries({ queryKey: ["study", study.id] }),
  });
  const submit = (form: FormData) => {
    const entries = ["max_trials", "parallel_trials"].map((name) => [name, Number(form.get(name))] as const);
    change.mutate(Object.fromEntries(entries.filter(([, value]) => value > 0)));
  };
  return (
    <details className="limits">
      <summary>Limits</summary>
      <form action={submit}>
        <label>Trials <input name="max_trials" type="number" min={1} defaultValue={study.limits.max_trials ?? undefined} /></label>
        <label>Parallel <input name="parallel_trials" type="number" min={1} defaultValue={study.limits.parallel_trials} /></label>
        <button type="submit">Change</button>
        {change.error && <Failure error={change.error} />}
      </form>
    </details>
  );
}

function Overview({ study }: { study: Study }) {
  const counts = Object.entries(study.counts).filter(([, count]) => count > 0);
  const document = documentOf(study);
  return (
    <section className="card" aria-label="Overview">
      <Progress share={study.progress.share} label="Progress" />
      <Facts
        rows={[
          ["Trials", counts.map(([state, count]) => `${count} ${state}`).join(", ") || "none yet"],
          ["Time", duration(study.progress.seconds)],
          ["Left", study.state === "running" ? (study.phase === "final" ? "training the best" : duration(study.seconds_left)) : "–"],
          ["Strategy", document.strategy?.name ?? "evolution"],
          ["Data set", document.dataset ?? "the trainer's own"],
          ...(study.reason ? ([["Reason", study.reason]] as [string, string][]) : []),
        ]}
      />
    </section>
  );
}

/** Trials for the charts: the first 500 suffice to see the shape. */
function useTrials(study: Study) {
  return useQuery({ queryKey: ["trials", study.id, "chart"], queryFn: () => get<Page<Trial>>(`/v1/studies/${study.id}/trials?limit=500`) });
}

function Charts({ study }: { study: Study }) {
  const query = useTrials(study);
  const navigate = useNavigate();
  const objectives = documentOf(study).objectives;
  const first = objectives[0];
  const [other, setOther] = useState(objectives[1]?.metric ?? "flops");
  if (!first) return null;
  return (
    <Fetched query={query}>
      {({ items }) => {
        const second: Objective = objectives.find((o) => o.metric === other) ?? { metric: other, direction: "minimize" };
        const searched = items.filter((t) => !t.final && t.state === "completed");
        const points = searched.flatMap((trial) => {
          const [x, y] = [valueOf(trial, second.metric), valueOf(trial, first.metric)];
          return x === undefined || y === undefined ? [] : [{ x, y, trial }];
        });
        const front = paretoFront(points, second, first);
        return (
          <div className="columns">
            <section className="card">
              <h2>Best so far</h2>
              <Chart title={`Best ${first.metric} by trial`} x="trial" y={first.metric}
                lines={[{ name: "best", step: true, points: bestSoFar(items, first).map((p) => [p.x, p.y]) }]}
                dots={points.map((p) => ({ x: p.trial.number, y: p.y, title: `trial ${p.trial.number}: ${metric(first.metric, p.y)}`, onClick: () => navigate(`/trials/${p.trial.id}`) }))} />
            </section>
            <section className="card">
              <h2>
                Trade-off with{" "}
                <select aria-label="Second objective" value={other} onChange={(event) => setOther(event.target.value)}>
                  {[...new Set([...objectives.slice(1).map((o) => o.metric), "flops", "params"])].map((name) => <option key={name}>{name}</option>)}
                </select>
              </h2>
              <Chart title={`${first.metric} against ${second.metric}`} x={second.metric} y={first.metric}
                lines={[{ name: "Pareto front", points: front.map((p) => [p.x, p.y]) }]}
                dots={points.map((p) => ({ x: p.x, y: p.y, strong: front.includes(p), title: `trial ${p.trial.number}: ${metric(first.metric, p.y)}, ${metric(second.metric, p.x)}`, onClick: () => navigate(`/trials/${p.trial.id}`) }))} />
            </section>
          </div>
        );
      }}
    </Fetched>
  );
}
