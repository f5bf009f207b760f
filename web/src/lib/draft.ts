// A study as the form holds it, and the document that it becomes. Pure.
import type { Fault } from "../api/client";
import type { Values } from "./schema";
import type { Objective } from "./trials";

export type Constraint = { metric: string; min: string; max: string };

export type Draft = {
  name: string;
  source: "builtin" | "document";
  space: string;
  spaceOptions: Values;
  document: string;
  dataset: string;
  objectives: Objective[];
  constraints: Constraint[];
  strategy: string;
  strategyOptions: Values;
  trials: string;
  minutes: string;
  parallel: string;
  epochs: string;
  finalEpochs: string;
  seed: string;
};

export const START: Draft = {
  name: "My study", source: "builtin", space: "digits-quickstart", spaceOptions: {}, document: "", dataset: "digits",
  objectives: [{ metric: "top1", direction: "maximize" }], constraints: [], strategy: "evolution", strategyOptions: {},
  trials: "20", minutes: "", parallel: "2", epochs: "5", finalEpochs: "15", seed: "0",
};

const number = (text: string) => (text.trim() === "" ? undefined : Number(text));

/** Where the space comes from, as the service reads it. */
export function spaceOf(draft: Draft): unknown {
  if (draft.source === "builtin") return { builtin: { name: draft.space, options: draft.spaceOptions } };
  try {
    return { document: JSON.parse(draft.document) as unknown };
  } catch {
    return { document: draft.document };
  }
}

/** The study document of a draft. */
export function toDocument(draft: Draft) {
  const minutes = number(draft.minutes);
  const final = number(draft.finalEpochs);
  return {
    name: draft.name,
    space: spaceOf(draft),
    dataset: draft.dataset || undefined,
    objectives: draft.objectives,
    constraints: draft.constraints.map((c) => ({ metric: c.metric, min: number(c.min), max: number(c.max) })),
    strategy: { name: draft.strategy, options: draft.strategyOptions },
    budget: { max_trials: number(draft.trials), timeout_seconds: minutes && minutes * 60, parallel_trials: number(draft.parallel) },
    training: { epochs: number(draft.epochs) },
    final: final ? { candidates: 1, epochs: final } : undefined,
    seed: number(draft.seed),
  };
}

/** What is wrong at a place or below it. */
export function faultAt(faults: Fault[], pointer: string): string | undefined {
  const found = faults.filter((fault) => fault.pointer === pointer || fault.pointer.startsWith(`${pointer}/`));
  return found.length > 0 ? found.map((fault) => fault.detail).join(" ") : undefined;
}
