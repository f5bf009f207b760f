// What the strategy shows of itself: a closed set of panels.
import { useQuery } from "@tanstack/react-query";
import { get } from "../api/client";
import { Chart } from "../charts/chart";
import { HeatTable } from "./heat-table";

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
      return <HeatTable label={insight.title} columns={insight.columns} rows={insight.rows} values={insight.values} />;
  }
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
