// What charts show of trials; pure.
import type { Study, Trial } from "../api/client";

export type Objective = { metric: string; direction: "minimize" | "maximize" };
export type Point = { x: number; y: number; trial: Trial };

export type StudyDocument = { objectives: Objective[]; strategy?: { name: string }; dataset?: string };

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

/** Completed trials that no other one beats in both objectives. */
export function paretoFront(points: Point[], x: Objective, y: Objective): Point[] {
  const beats = (a: Point, b: Point) =>
    !better(x, b.x, a.x) && !better(y, b.y, a.y) && (better(x, a.x, b.x) || better(y, a.y, b.y));
  return points.filter((point) => !points.some((other) => beats(other, point))).sort((a, b) => a.x - b.x);
}
