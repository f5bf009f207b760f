// Rows of objectives and constraints.
import type { Draft } from "../lib/draft";
import { GroupFault, NumberField, PickField, TextField } from "./field";

type Props = { draft: Draft; set: (change: Partial<Draft>) => void };

const METRICS = ["top1", "loss", "params", "flops"];
const BOUNDED = ["params", "flops", "depth"];
const DIRECTIONS = ["maximize", "minimize"].map((value) => ({ value, text: value }));

/** A list with one item changed, added or taken away. */
const replaced = <T,>(items: T[], index: number, item: T): T[] => items.map((old, i) => (i === index ? item : old));
const without = <T,>(items: T[], index: number): T[] => items.filter((_, i) => i !== index);

export function Objectives({ draft, set }: Props) {
  const change = (objectives: Draft["objectives"]) => set({ objectives });
  return (
    <>
      <GroupFault pointer="/objectives" />
      {draft.objectives.map((objective, i) => (
        <div className="row" key={i}>
          <TextField label={i === 0 ? "Metric" : `Metric ${i + 1}`} pointer={`/objectives/${i}/metric`} value={objective.metric} list={METRICS}
            onChange={(metric) => change(replaced(draft.objectives, i, { ...objective, metric }))} />
          <PickField label="Direction" pointer={`/objectives/${i}/direction`} value={objective.direction} options={DIRECTIONS}
            onChange={(d) => change(replaced(draft.objectives, i, { ...objective, direction: d === "minimize" ? "minimize" : "maximize" }))} />
          {draft.objectives.length > 1 && (
            <button type="button" aria-label={`Remove objective ${i + 1}`} onClick={() => change(without(draft.objectives, i))}>Remove</button>
          )}
        </div>
      ))}
      <button type="button" onClick={() => change([...draft.objectives, { metric: "flops", direction: "minimize" }])}>Add an objective</button>
    </>
  );
}

export function Constraints({ draft, set }: Props) {
  const change = (constraints: Draft["constraints"]) => set({ constraints });
  return (
    <>
      <h2 className="sub">Constraints</h2>
      <p className="hint">Checked before anything is trained.</p>
      {draft.constraints.map((constraint, i) => (
        <div className="row" key={i}>
          <PickField label="Statistic" pointer={`/constraints/${i}/metric`} value={constraint.metric} options={BOUNDED.map((value) => ({ value, text: value }))}
            onChange={(metric) => change(replaced(draft.constraints, i, { ...constraint, metric }))} />
          <NumberField label="At least" pointer={`/constraints/${i}/min`} value={constraint.min}
            onChange={(min) => change(replaced(draft.constraints, i, { ...constraint, min }))} />
          <NumberField label="At most" pointer={`/constraints/${i}/max`} value={constraint.max}
            onChange={(max) => change(replaced(draft.constraints, i, { ...constraint, max }))} />
          <GroupFault pointer={`/constraints/${i}`} />
          <button type="button" aria-label={`Remove constraint ${i + 1}`} onClick={() => change(without(draft.constraints, i))}>Remove</button>
        </div>
      ))}
      <button type="button" onClick={() => change([...draft.constraints, { metric: "flops", min: "", max: "" }])}>Add a constraint</button>
    </>
  );
}
