// Lines and dots on two axes. Props in, drawing out.
import { type PointerEvent, useId, useMemo, useRef, useState } from "react";
import { label, metric } from "../lib/format";
import { scale } from "./axes";
import { nearest } from "./nearest";
import { useWidth } from "./width";

export type Line = { name: string; points: [number, number][]; step?: boolean };
export type Dot = { x: number; y: number; title: string; strong?: boolean; onClick?: () => void };
type Props = { title: string; x: string; y: string; lines?: Line[]; dots?: Dot[]; height?: number };

const HEIGHT = 280;
const MARGIN = { left: 64, right: 14, top: 14, bottom: 42 };
/** How near the pointer must be to a dot, in pixels. */
const REACH = 28;

export function Chart({ title, x, y, lines = [], dots = [], height = HEIGHT }: Props) {
  const id = useId();
  const [at, setAt] = useState<number>();
  const figure = useRef<HTMLElement>(null);
  const width = useWidth(figure);
  const drawn = useMemo(() => layout(lines, dots, width, height), [lines, dots, width, height]);
  if (!drawn) return <figure className="chart empty" ref={figure}>Nothing to draw yet.</figure>;
  const { across, up, places } = drawn;
  const move = (event: PointerEvent<SVGSVGElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    setAt(nearest(places, event.clientX - box.left, event.clientY - box.top, REACH));
  };
  const dot = at === undefined ? undefined : dots[at];
  return (
    <figure className="chart" ref={figure}>
      <svg width={width} height={height} role="img" aria-labelledby={id} onPointerMove={move} onPointerLeave={() => setAt(undefined)}
        onClick={() => dot?.onClick?.()} className={dot?.onClick ? "can-open" : undefined}>
        <title id={id}>{title}</title>
        {up.ticks.map((tick) => (
          <g key={tick} className="tick">
            <line x1={MARGIN.left} x2={width - MARGIN.right} y1={up.to(tick)} y2={up.to(tick)} />
            <text x={MARGIN.left - 10} y={up.to(tick) + 4} textAnchor="end">{tickText(y, tick)}</text>
          </g>
        ))}
        {across.ticks.map((tick) => (
          <text key={tick} className="tick" x={across.to(tick)} y={height - MARGIN.bottom + 18} textAnchor="middle">{tickText(x, tick)}</text>
        ))}
        <text className="axis" x={(width + MARGIN.left) / 2} y={height - 4} textAnchor="middle">{label(x)}</text>
        {/* One path for all plain dots: ten thousand of them stay quick. */}
        <path className="dots" d={places.map(([px, py], i) => (dots[i]?.strong ? "" : `M${px} ${py}h0`)).join("")} />
        {lines.map((line, index) => (
          <path key={line.name} className={`line series-${index % 6}`} d={path(line, across.to, up.to)} />
        ))}
        <path className="dots strong" d={places.map(([px, py], i) => (dots[i]?.strong ? `M${px} ${py}h0` : "")).join("")} />
        {dot && <circle className="hover" cx={across.to(dot.x)} cy={up.to(dot.y)} r={7} />}
      </svg>
      <figcaption>
        {dot ? dot.title : lines.length > 1 ? lines.map((line, index) => (
          <span key={line.name} className={`legend series-${index % 6}`}>{line.name}</span>
        )) : " "}
      </figcaption>
    </figure>
  );
}

function layout(lines: Line[], dots: Dot[], width: number, height: number) {
  const all: [number, number][] = [...lines.flatMap((line) => line.points), ...dots.map((d): [number, number] => [d.x, d.y])];
  if (all.length === 0) return undefined;
  const across = scale(all.map((p) => p[0]), MARGIN.left, width - MARGIN.right, Math.max(3, Math.floor(width / 110)));
  const up = scale(all.map((p) => p[1]), height - MARGIN.bottom, MARGIN.top, height < 220 ? 4 : 5);
  const round = (value: number) => Math.round(value * 10) / 10;
  const places = dots.map((d): [number, number] => [round(across.to(d.x)), round(up.to(d.y))]);
  return { across, up, places };
}

/** Ticks are round: per cent needs no decimals that are always zero. */
const tickText = (name: string, tick: number) => metric(name, tick).replace(/(\.\d*?)0+(?= %|$)/, "$1").replace(/\.(?= %|$)/, "");

function path(line: Line, x: (value: number) => number, y: (value: number) => number): string {
  let d = "";
  for (const [px, py] of line.points) {
    const at = `${x(px).toFixed(1)} ${y(py).toFixed(1)}`;
    d += d === "" ? `M${at}` : line.step ? `H${x(px).toFixed(1)}V${y(py).toFixed(1)}` : `L${at}`;
  }
  return d;
}
