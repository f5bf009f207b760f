// What charts show of trials; pure.
import type { Study, Trial } from "../api/client";

export type Objective = { metric: string; direction: "minimize" | "maximize" };
export type Point = { x: number; y: number; trial: Trial };

export type StudyDocument = {
  objectives: Objective[];
  space: { builtin?: { name: string } };
  strategy?: { name: string };
  dataset?: string;
};

/** The document of a study, which the API gives as any object. */
export const documentOf = (study: Study) => study.document as unknown as StudyDocument;

/** A metric or a free statistic of a trial. */
export function valueOf(trial: Trial, name: string): number | undefined {
  const metrics = trial.metrics as Record<string, number>;
  const statistics = trial.statistics as Record<string, number>;
  return metrics[name] ?? statistics[name];
}

export const better = (objective: Objective, a: number, b: number) => (objective.direction === "maximize" ? a > b : a < b);

/** The best value after each completed trial of the search, in the order of their numbers. */
export function bestSoFar(trials: Trial[], objective: Objective): Point[] {
  const points: Point[] = [];
  let best: number | undefined;
  for (const trial of [...trials].sort((a, b) => a.number - b.number)) {
    const value = valueOf(trial, objective.metric);
    if (trial.final || trial.state !== "completed" || value === undefined) continue;
    if (best === undefined || better(objective, value, best)) best = value;
    points.push({ x: trial.number, y: best, trial });
  }
  return points;
}

/** Completed trials that no other one beats in both objectives: one sweep from the best in `x`. */
export function paretoFront(points: Point[], x: Objective, y: Objective): Point[] {
  const order = (o: Objective, a: number, b: number) => (o.direction === "maximize" ? b - a : a - b);
  const sorted = [...points].sort((a, b) => order(x, a.x, b.x) || order(y, a.y, b.y));
  const front: Point[] = [];
  for (const point of sorted) {
    const last = front.at(-1);
    const equal = last !== undefined && last.x === point.x && last.y === point.y;
    if (last === undefined || equal || better(y, point.y, last.y)) front.push(point);
  }
  return front.sort((a, b) => a.x - b.x || a.y - b.y);
}

/** The hand-made baseline and the best of the final trials. */
export function finals(trials: Trial[]): { best?: Trial; baseline?: Trial } {
  const score = (trial: Trial) => valueOf(trial, "test_top1") ?? -1;
  const candidates = trials.filter((trial) => trial.final && !trial.baseline);
  return {
    best: candidates.sort((a, b) => score(b) - score(a))[0],
    baseline: trials.find((trial) => trial.final && trial.baseline),
  };
}
