// What the strategy shows of itself: a closed set of panels.
import { useQuery } from "@tanstack/react-query";
import { get } from "../api/client";
import { Chart } from "../charts/chart";

type Insight =
  | { insight: "series"; title: string; x: string; y: string; lines: Record<string, [number, number][]> }
  | { insight: "heatmap"; title: string; rows: string[]; columns: string[]; values: number[][] }
  | { insight: "table"; title: string; columns: string[]; rows: string[][] }
  | { insight: "text"; title: string; text: string };

export function Insights({ study }: { study: string }) {
  const query = useQuery({ queryKey: ["insights", study], queryFn: () => get<Insight[]>(`/v1/studies/${study}/insights`) });
  return (query.data ?? []).map((insight) => (
    <section className="card" key={insight.title}>
      <h2>{insight.title}</h2>
      <Panel insight={insight} />
    </section>
  ));
}

function Panel({ insight }: { insight: Insight }) {
  switch (insight.insight) {
    case "series":
      return <Chart title={insight.title} x={insight.x} y={insight.y} lines={Object.entries(insight.lines).map(([name, points]) => ({ name, points }))} />;
    case "text":
      return <p>{insight.text}</p>;
    case "table":
      return <Grid title={insight.title} head={insight.columns} rows={insight.rows} />;
    case "heatmap":
      return <Heatmap insight={insight} />;
  }
}

/** Values as shades of the accent, each with its number. */
function Heatmap({ insight }: { insight: Extract<Insight, { insight: "heatmap" }> }) {
  const all = insight.values.flat();
  const [low, high] = [all.reduce((a, b) => Math.min(a, b), Infinity), all.reduce((a, b) => Math.max(a, b), -Infinity)];
  const shade = (value: number) => `color-mix(in srgb, var(--accent) ${Math.round(((value - low) / (high - low || 1)) * 40)}%, transparent)`;
  return (
    <div className="scroll" tabIndex={0} role="region" aria-label={insight.title}>
      <table className="heatmap">
        <thead><tr><td />{insight.columns.map((name) => <th key={name}>{name}</th>)}</tr></thead>
        <tbody>
          {insight.rows.map((row, i) => (
            <tr key={row}>
              <th scope="row">{row}</th>
              {(insight.values[i] ?? []).map((value, j) => <td key={j} style={{ background: shade(value) }}>{value.toPrecision(3)}</td>)}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Grid({ title, head, rows }: { title: string; head: string[]; rows: string[][] }) {
  return (
    <div className="scroll" tabIndex={0} role="region" aria-label={title}>
      <table>
        <thead><tr>{head.map((name) => <th key={name}>{name}</th>)}</tr></thead>
        <tbody>{rows.map((row, i) => <tr key={i}>{row.map((cell, j) => <td key={j}>{cell}</td>)}</tr>)}</tbody>
      </table>
    </div>
  );
}
