// Lines and dots on two axes. Props in, drawing out.
import { useId } from "react";
import { metric } from "../lib/format";
import { scale } from "./axes";

export type Line = { name: string; points: [number, number][]; step?: boolean };
export type Dot = { x: number; y: number; title: string; strong?: boolean; onClick?: () => void };
type Props = { title: string; x: string; y: string; lines?: Line[]; dots?: Dot[] };

const WIDTH = 640;
const HEIGHT = 260;
const MARGIN = { left: 64, right: 12, top: 12, bottom: 40 };

export function Chart({ title, x, y, lines = [], dots = [] }: Props) {
  const id = useId();
  const all: [number, number][] = [...lines.flatMap((line) => line.points), ...dots.map((d): [number, number] => [d.x, d.y])];
  if (all.length === 0) return <p className="quiet">Nothing to draw yet.</p>;
  const across = scale(all.map((p) => p[0]), MARGIN.left, WIDTH - MARGIN.right, 6);
  const up = scale(all.map((p) => p[1]), HEIGHT - MARGIN.bottom, MARGIN.top);
  return (
    <figure className="chart">
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-labelledby={id}>
        <title id={id}>{title}</title>
        {up.ticks.map((tick) => (
          <g key={tick} className="tick">
            <line x1={MARGIN.left} x2={WIDTH - MARGIN.right} y1={up.to(tick)} y2={up.to(tick)} />
            <text x={MARGIN.left - 8} y={up.to(tick) + 4} textAnchor="end">{metric(y, tick)}</text>
          </g>
        ))}
        {across.ticks.map((tick) => (
          <text key={tick} className="tick" x={across.to(tick)} y={HEIGHT - MARGIN.bottom + 18} textAnchor="middle">
            {metric(x, tick)}
          </text>
        ))}
        <text className="axis" x={(WIDTH + MARGIN.left) / 2} y={HEIGHT - 4} textAnchor="middle">{x}</text>
        {lines.map((line, index) => (
          <path key={line.name} className={`line series-${index % 6}`} d={path(line, across.to, up.to)} />
        ))}
        {dots.map((dot, index) => (
          <circle key={index} className={dot.strong ? "dot strong" : "dot"} cx={across.to(dot.x)} cy={up.to(dot.y)}
            r={dot.strong ? 5 : 3.5} onClick={dot.onClick}>
            <title>{dot.title}</title>
          </circle>
        ))}
      </svg>
      {lines.length > 1 && (
        <figcaption>
          {lines.map((line, index) => (
            <span key={line.name} className={`legend series-${index % 6}`}>{line.name}</span>
          ))}
        </figcaption>
      )}
    </figure>
  );
}

function path(line: Line, x: (value: number) => number, y: (value: number) => number): string {
  let d = "";
  for (const [px, py] of line.points) {
    const at = `${x(px).toFixed(1)} ${y(py).toFixed(1)}`;
    d += d === "" ? `M${at}` : line.step ? `H${x(px).toFixed(1)}V${y(py).toFixed(1)}` : `L${at}`;
  }
  return d;
}
