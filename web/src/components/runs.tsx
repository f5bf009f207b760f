// The runs of a study: work that is no trial (supernets, scores, measurements), and the one that is looked at.
import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useSearchParams } from "react-router";
import { type Page, type Run, type RunCurve, type RunDetail, get } from "../api/client";
import { Chart } from "../charts/chart";
import { ago, label, metric } from "../lib/format";
import { alarms, stateOf, troubleOf } from "../lib/runs";
import { Architecture } from "./architecture";
import { Artifacts } from "./artifacts";
import { Facts, Failure, Fetched, Progress, State } from "./parts";

export function Runs({ study }: { study: string }) {
  const [params, setParams] = useSearchParams();
  const query = useInfiniteQuery({
    queryKey: ["runs", study],
    initialPageParam: "",
    queryFn: ({ pageParam }) => get<Page<Run>>(`/v1/studies/${study}/runs?limit=100${pageParam ? `&cursor=${pageParam}` : ""}`),
    getNextPageParam: (page) => page.next ?? undefined,
  });
  const runs = query.data?.pages.flatMap((page) => page.items) ?? [];
  const supernets = runs.filter((run) => run.kind === "supernet");
  const shown = runs.find((run) => run.id === params.get("run")) ?? supernets.at(-1) ?? runs.at(-1);
  if (query.error) return <Failure error={query.error} />;
  if (!shown) return null;
  const show = (run: Run) => setParams((old) => { old.set("run", run.id); return old; }, { replace: true });
  return (
    <section className="card" aria-labelledby="runs">
      <h2 id="runs">Runs</h2>
      {runs.length > 1 && <List runs={runs} shown={shown} onShow={show} />}
      {query.hasNextPage && <button type="button" onClick={() => void query.fetchNextPage()}>More runs</button>}
      <Detail key={shown.id} run={shown} />
    </section>
  );
}

function List({ runs, shown, onShow }: { runs: Run[]; shown: Run; onShow: (run: Run) => void }) {
  return (
    <div className="scroll runs" tabIndex={0} role="region" aria-label="Table of runs">
      <table>
        <thead><tr><th>Run</th><th>State</th><th>Progress</th><th className="number">Loss</th><th className="number">Top-1</th><th>Worker</th><th>Reason</th></tr></thead>
        <tbody>
          {runs.map((run, i) => (
            <tr key={run.id} aria-current={run.id === shown.id ? "true" : undefined}>
              <td><button type="button" className="link" onClick={() => onShow(run)}>{run.kind} {i + 1}</button></td>
              <td><State state={stateOf(run)} /></td>
              <td>{progressOf(run)}</td>
              <td className="number">{metric("loss", run.latest["loss"])}</td>
              <td className="number">{metric("top1", run.latest["top1"])}</td>
              <td>{run.worker ?? "–"}</td>
              <td className="reason">{troubleOf(run)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const progressOf = (run: Run) => (run.epochs > 0 ? `epoch ${run.epochs_done} of ${run.epochs}` : `${Math.round(shareOf(run) * 100)} %`);
const shareOf = (run: Run) => (run.state === "done" ? 1 : run.progress);

function Detail({ run }: { run: Run }) {
  const detail = useQuery({ queryKey: ["run", run.id], queryFn: () => get<RunDetail>(`/v1/runs/${run.id}`) });
  const curves = useQuery({ queryKey: ["run", run.id, "curves"], queryFn: () => get<RunCurve[]>(`/v1/runs/${run.id}/curves?without=p/`) });
  const trouble = troubleOf(run);
  return (
    <article aria-label={`Run of kind ${run.kind}`}>
      <div className="heading">
        <h3>{run.kind.charAt(0).toUpperCase() + run.kind.slice(1)}</h3>
        <State state={stateOf(run)} />
        <span className="quiet">{progressOf(run)}</span>
      </div>
      <Progress share={shareOf(run)} label={`Progress of the ${run.kind}`} />
      {trouble && <p className={run.state === "failed" ? "failure" : "note"}>{trouble}</p>}
      {alarms(curves.data ?? [], detail.data?.edges).map((alarm) => <p key={alarm} className="alarm" role="alert">{alarm}</p>)}
      <Facts rows={[["Attempt", String(run.attempt)], ["Worker", run.worker ?? "–"], ["Ordered", ago(run.created_at)], ["Ended", ago(run.ended_at)]]} />
      {curves.error && <Failure error={curves.error} />}
      <Curves curves={curves.data ?? []} />
      <Fetched query={detail}>{(found) => <Found run={found} />}</Fetched>
    </article>
  );
}

/** Metrics that belong on one pair of axes. */
const PANELS: [string, string[]][] = [
  ["loss", ["train_loss", "loss"]],
  ["top1", ["top1"]],
  ["skip_count", ["skip_count"]],
  ["lambda_max", ["lambda_max"]],
  ["entropy", ["entropy"]],
  ["expected_cost", ["expected_cost"]],
  ["temperature", ["temperature"]],
];
const PLACED = new Set(PANELS.flatMap(([, metrics]) => metrics));

/** Small charts beside each other, one per unit. */
function Curves({ curves }: { curves: RunCurve[] }) {
  const others = curves.filter((curve) => !PLACED.has(curve.metric)).map((curve): [string, string[]] => [curve.metric, [curve.metric]]);
  const panels = [...PANELS, ...others].flatMap(([unit, metrics]) => {
    const lines = curves.filter((curve) => metrics.includes(curve.metric));
    return lines.length > 0 ? [{ unit, lines }] : [];
  });
  return (
    <div className="multiples">
      {panels.map(({ unit, lines }) => {
        const drawn = lines.map((line) => ({ name: label(line.metric), points: line.steps.map((step, i): [number, number] => [step, line.values[i] ?? 0]) }));
        const dots = drawn.flatMap((line) => line.points.map(([x, y]) => ({ x, y, title: `${line.name} after epoch ${x}: ${metric(unit, y)}` })));
        return (
          <div key={unit}>
            <h4>{label(unit)}</h4>
            <Chart title={`${label(unit)} by epoch`} x="epoch" y={unit} lines={drawn} dots={dots} height={190} />
          </div>
        );
      })}
    </div>
  );
}

/** What belongs to a run beside its curves. */
function Found({ run }: { run: RunDetail }) {
  const query = useQuery({
    // Thousands of numbers: fetched anew only when an epoch has ended.
    queryKey: ["probabilities", run.id, run.epochs_done, run.state],
    placeholderData: keepPreviousData,
    enabled: run.decisions.length > 0,
    queryFn: () => get<RunCurve[]>(`/v1/runs/${run.id}/curves?prefix=p/`),
  });
  const result = run.result;
  return (
    <>
      {query.error && <Failure error={query.error} />}
      {query.data && <Architecture decisions={run.decisions} curves={query.data} />}
      {result && "derived" in result && (
        <>
          <h3>Derived networks</h3>
          {result.stopped && <p className="note">{result.stopped}</p>}
          <ol className="attempts">
            {result.derived.map((genotype, i) => <li key={i}><code className="genotype">{JSON.stringify(genotype)}</code></li>)}
          </ol>
        </>
      )}
      {run.attempts.length > 1 && <p className="quiet">It took {run.attempts.length} attempts.</p>}
      <Artifacts artifacts={run.artifacts} />
    </>
  );
}
