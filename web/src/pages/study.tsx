// One study: progress, result, charts, what the strategy shows, trials.
import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { Link, useParams } from "react-router";
import { type Study, get } from "../api/client";
import { useEvents } from "../api/events";
import { useAllTrials } from "../api/trials";
import { Insights } from "../components/insights";
import { Facts, Fetched, Live, Progress, State } from "../components/parts";
import { Result } from "../components/result";
import { Runs } from "../components/runs";
import { Actions } from "../components/study-actions";
import { StudyCharts } from "../components/study-charts";
import { TrialTable } from "../components/trial-table";
import { duration, label, metric } from "../lib/format";
import { documentOf } from "../lib/trials";

export default function StudyPage() {
  const { id = "" } = useParams();
  const query = useQuery({ queryKey: ["study", id], queryFn: () => get<Study>(`/v1/studies/${id}`) });
  const connection = useEvents(`/v1/studies/${id}/events`, [["study", id], ["trials", id], ["best", id], ["insights", id], ["runs", id], ["run"]]);
  const name = query.data?.name;
  useEffect(() => {
    if (name) document.title = `${name} · Nascent`;
  }, [name]);
  return (
    <Fetched query={query}>
      {(study) => (
        <>
          <p className="crumbs"><Link to="/">Studies</Link></p>
          <div className="heading">
            <h1>{study.name}</h1>
            <State state={study.state} />
            <Live connection={connection} />
            <Actions study={study} />
          </div>
          {study.reason && <p className={study.state === "failed" ? "failure" : "note"}>{study.reason}</p>}
          <Overview study={study} />
          <Result study={study} />
          <Runs study={study.id} />
          <Charts study={study} />
          <div className="columns"><Insights study={study.id} /></div>
          <TrialTable study={study} />
        </>
      )}
    </Fetched>
  );
}

const STATES = ["completed", "pruned", "infeasible", "failed", "cancelled", "running", "waiting", "paused"] as const;

function Overview({ study }: { study: Study }) {
  const document = documentOf(study);
  const first = document.objectives[0]?.metric ?? "top1";
  const most = study.limits.max_trials;
  return (
    <section className="card" aria-label="Overview">
      <div className="figures">
        <Figure name={`Best ${label(first)}`} value={metric(first, study.best?.metrics[first])} strong />
        <Figure name="Trials" value={most ? `${Math.min(study.progress.trials, most)} of ${most}` : String(study.progress.trials)} />
        <Figure name="Epochs" value={study.progress.epochs.toLocaleString("en")} />
        <Figure name="Time" value={duration(study.progress.seconds)} />
        <Figure name="Left" value={left(study)} />
      </div>
      <Progress share={study.progress.share} label="Progress" />
      <ul className="counts" aria-label="Trials by state">
        {STATES.filter((state) => study.counts[state] > 0).map((state) => (
          <li key={state}><State state={state} /> {study.counts[state].toLocaleString("en")}</li>
        ))}
      </ul>
      <Facts
        rows={[
          ["Strategy", document.strategy?.name ?? "evolution"],
          ["Space", document.space.builtin?.name ?? study.space_id.slice(0, 12)],
          ["Data set", document.dataset ?? "the trainer's own"],
          ["Objectives", document.objectives.map((o) => `${o.direction} ${label(o.metric)}`).join(", ")],
        ]}
      />
    </section>
  );
}

function left(study: Study): string {
  if (study.state !== "running") return "–";
  return study.phase === "final" ? "training the best" : duration(study.seconds_left);
}

function Figure({ name, value, strong }: { name: string; value: string; strong?: boolean }) {
  return <div className={strong ? "figure strong" : "figure"}><span>{name}</span><b>{value}</b></div>;
}

function Charts({ study }: { study: Study }) {
  const query = useAllTrials(study.id);
  return <Fetched query={query}>{(trials) => <StudyCharts objectives={documentOf(study).objectives} trials={trials} />}</Fetched>;
}
