// Scales and ticks of the charts; pure.

export type Scale = { to: (value: number) => number; ticks: number[] };

/** A linear scale from values to pixels, with about `count` round ticks. */
export function scale(values: number[], from: number, to: number, count = 5): Scale {
  const low = values.reduce((a, b) => Math.min(a, b), Infinity);
  const high = values.reduce((a, b) => Math.max(a, b), -Infinity);
  const span = high - low || Math.abs(high) || 1;
  const [min, max] = [low - span * 0.04, high + span * 0.04];
  const raw = (max - min) / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  // Counts have no ticks between whole numbers.
  const whole = values.every(Number.isInteger);
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= raw && (!whole || step >= 1)) ?? (whole ? Math.max(1, raw) : raw);
  const ticks: number[] = [];
  for (let tick = Math.ceil(min / step) * step; tick <= max; tick += step) ticks.push(Number(tick.toPrecision(12)));
  return { to: (value) => from + ((value - min) / (max - min)) * (to - from), ticks };
}
