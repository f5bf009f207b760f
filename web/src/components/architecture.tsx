// How a supernet's distribution over architectures moves: one heat map per part of the network, a slider over epochs.
import { useEffect, useMemo, useState } from "react";
import type { Decision, RunCurve } from "../api/client";
import { type Distribution, distributions } from "../lib/runs";
import { HeatTable } from "./heat-table";

const FRAME_MS = 350;

type Props = { decisions: Decision[]; curves: RunCurve[] };

export function Architecture({ decisions, curves }: Props) {
  const tables = useMemo(() => distributions(decisions, curves), [decisions, curves]);
  const steps = useMemo(() => [...new Set(tables.flatMap((table) => table.steps))].sort((a, b) => a - b), [tables]);
  const last = steps.length - 1;
  // Undefined follows the newest epoch of a live run.
  const [chosen, setChosen] = useState<number>();
  const [playing, setPlaying] = useState(false);
  const at = Math.min(chosen ?? last, last);
  useEffect(() => {
    if (!playing) return;
    const timer = setInterval(() => setChosen((old) => Math.min((old ?? last) + 1, last)), FRAME_MS);
    return () => clearInterval(timer);
  }, [playing, last]);
  useEffect(() => {
    if (playing && at >= last) setPlaying(false);
  }, [playing, at, last]);
  const step = steps[at];
  if (step === undefined) return null;
  const play = () => {
    if (!playing && at >= last) setChosen(0);
    setPlaying(!playing);
  };
  const choose = (index: number) => {
    setPlaying(false);
    setChosen(index >= last ? undefined : index);
  };
  return (
    <section className="architecture" aria-labelledby="architecture">
      <h3 id="architecture">Architecture distribution</h3>
      <p className="hint">Probability of each operator in per cent; the strongest of a row is outlined.</p>
      <div className="player">
        <button type="button" onClick={play} disabled={last < 1} aria-pressed={playing}>{playing ? "Pause" : "Play"}</button>
        <label>Epoch
          <input type="range" min={0} max={last} step={1} value={at} disabled={last < 1} aria-valuetext={`epoch ${step}`} onChange={(event) => choose(Number(event.target.value))} />
        </label>
        <output aria-live="off">{step} of {steps[last]}</output>
      </div>
      <div className="columns">{tables.map((table, i) => <Table key={`${table.title} ${i}`} table={table} step={step} />)}</div>
    </section>
  );
}

const percent = (value: number) => (value * 100).toFixed(1);

function Table({ table, step }: { table: Distribution; step: number }) {
  // Tables of one run have the same epochs but for a moment while points come in.
  const at = table.steps.findLastIndex((one) => one <= step);
  return (
    <div>
      <h4>{table.title}</h4>
      <HeatTable label={`${table.title}: probabilities in per cent at epoch ${step}`} columns={table.columns} rows={table.rows.map((row) => row.name)}
        values={table.values[Math.max(at, 0)] ?? []} low={0} high={table.most} text={percent} strongest />
    </div>
  );
}
