// Best so far, and the trade-off of two objectives. Drawn from trials that the page fetched.
import { useMemo } from "react";
import { useNavigate, useSearchParams } from "react-router";
import type { Trial } from "../api/client";
import { Chart } from "../charts/chart";
import { label, metric } from "../lib/format";
import { type Objective, type Point, bestSoFar, paretoFront, valueOf } from "../lib/trials";

type Props = { objectives: Objective[]; trials: Trial[] };

export function StudyCharts({ objectives, trials }: Props) {
  const [params, setParams] = useSearchParams();
  const first = objectives[0];
  const other = params.get("against") ?? objectives[1]?.metric ?? "flops";
  if (!first) return null;
  const second = objectives.find((o) => o.metric === other) ?? { metric: other, direction: "minimize" as const };
  const choices = [...new Set([...objectives.slice(1).map((o) => o.metric), "flops", "params"])];
  const choose = (name: string) => setParams((old) => { old.set("against", name); return old; }, { replace: true });
  return (
    <div className="columns">
      <section className="card">
        <h2>Best so far</h2>
        <BestSoFar trials={trials} objective={first} />
      </section>
      <section className="card">
        <h2>
          {label(first.metric)} against{" "}
          <select aria-label="Second objective" value={other} onChange={(event) => choose(event.target.value)}>
            {choices.map((name) => <option key={name} value={name}>{label(name)}</option>)}
          </select>
        </h2>
        <TradeOff trials={trials} x={second} y={first} />
      </section>
    </div>
  );
}

function BestSoFar({ trials, objective }: { trials: Trial[]; objective: Objective }) {
  const open = useOpen();
  const name = objective.metric;
  const { lines, dots } = useMemo(() => {
    const best = bestSoFar(trials, objective);
    const dots = best.map(({ trial, y }) => {
      const value = valueOf(trial, name) ?? y;
      return { x: trial.number, y: value, title: `Trial ${trial.number}: ${label(name)} ${metric(name, value)}`, onClick: () => open(trial) };
    });
    return { lines: [{ name: "best", step: true, points: best.map((p): [number, number] => [p.x, p.y]) }], dots };
  }, [trials, objective, name, open]);
  return <Chart title={`Best ${name} by trial`} x="trial" y={name} lines={lines} dots={dots} />;
}

function TradeOff({ trials, x, y }: { trials: Trial[]; x: Objective; y: Objective }) {
  const open = useOpen();
  const { lines, dots } = useMemo(() => {
    const points = trials.flatMap((trial): Point[] => {
      const [px, py] = [valueOf(trial, x.metric), valueOf(trial, y.metric)];
      return trial.final || trial.state !== "completed" || px === undefined || py === undefined ? [] : [{ x: px, y: py, trial }];
    });
    const front = paretoFront(points, x, y);
    const best = new Set(front);
    const dots = points.map((p) => ({
      x: p.x, y: p.y, strong: best.has(p), onClick: () => open(p.trial),
      title: `Trial ${p.trial.number}: ${label(y.metric)} ${metric(y.metric, p.y)}, ${label(x.metric)} ${metric(x.metric, p.x)}`,
    }));
    return { lines: [{ name: "Pareto front", step: true, points: front.map((p): [number, number] => [p.x, p.y]) }], dots };
  }, [trials, x.metric, x.direction, y, open]);
  return <Chart title={`${y.metric} against ${x.metric}`} x={x.metric} y={y.metric} lines={lines} dots={dots} />;
}

function useOpen() {
  const navigate = useNavigate();
  return useMemo(() => (trial: Trial) => void navigate(`/trials/${trial.id}`), [navigate]);
}
