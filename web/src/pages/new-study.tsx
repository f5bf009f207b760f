// A form for a new study, made from the schemas of spaces and strategies.
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";
import { ApiError, type Choice, type Dataset, type Fault, type SpaceCount, type Study, get, post } from "../api/client";
import { Failure, Fetched } from "../components/parts";
import { SchemaForm, type Values } from "../components/schema-form";

type Draft = {
  name: string;
  space: string;
  spaceOptions: Values;
  dataset: string;
  strategy: string;
  strategyOptions: Values;
  metric: string;
  direction: "maximize" | "minimize";
  second: string;
  maxFlops: string;
  trials: number;
  parallel: number;
  epochs: number;
  finalEpochs: number;
};

const START: Draft = {
  name: "My study", space: "digits-quickstart", spaceOptions: {}, dataset: "digits", strategy: "evolution", strategyOptions: {},
  metric: "top1", direction: "maximize", second: "", maxFlops: "", trials: 20, parallel: 2, epochs: 5, finalEpochs: 15,
};

/** The study document of a draft. */
export function toDocument(draft: Draft) {
  const objectives = [{ metric: draft.metric, direction: draft.direction }];
  if (draft.second) objectives.push({ metric: draft.second, direction: "minimize" });
  return {
    name: draft.name,
    space: { builtin: { name: draft.space, options: draft.spaceOptions } },
    dataset: draft.dataset || undefined,
    objectives,
    constraints: draft.maxFlops ? [{ metric: "flops", max: Number(draft.maxFlops) }] : [],
    strategy: { name: draft.strategy, options: draft.strategyOptions },
    budget: { max_trials: draft.trials, parallel_trials: draft.parallel },
    training: { epochs: draft.epochs },
    final: draft.finalEpochs > 0 ? { candidates: 1, epochs: draft.finalEpochs } : undefined,
  };
}

export default function NewStudy() {
  const spaces = useQuery({ queryKey: ["catalogue"], queryFn: () => get<Choice[]>("/v1/catalogue") });
  const strategies = useQuery({ queryKey: ["strategies"], queryFn: () => get<Choice[]>("/v1/strategies") });
  return (
    <>
      <h1>New study</h1>
      <Fetched query={spaces}>
        {(spaceChoices) => <Fetched query={strategies}>{(strategyChoices) => <Form spaces={spaceChoices} strategies={strategyChoices} />}</Fetched>}
      </Fetched>
    </>
  );
}

function Form({ spaces, strategies }: { spaces: Choice[]; strategies: Choice[] }) {
  const [draft, setDraft] = useState(START);
  const navigate = useNavigate();
  const datasets = useQuery({ queryKey: ["datasets"], queryFn: () => get<Dataset[]>("/v1/datasets") });
  const submit = useMutation({
    mutationFn: () => post<Study>("/v1/studies", toDocument(draft)),
    onSuccess: (study) => void navigate(`/studies/${study.id}`),
  });
  const set = (change: Partial<Draft>) => setDraft((old) => ({ ...old, ...change }));
  const faults = submit.error instanceof ApiError ? submit.error.faults : [];
  const space = spaces.find((choice) => choice.name === draft.space);
  const strategy = strategies.find((choice) => choice.name === draft.strategy);
  return (
    <form onSubmit={(event) => { event.preventDefault(); submit.mutate(); }}>
      {submit.error && <Failure error={submit.error} />}
      <fieldset className="card">
        <legend>Search space</legend>
        <Text label="Name of the study" value={draft.name} onChange={(name) => set({ name })} faults={faults} pointer="/name" />
        <Pick label="Space" value={draft.space} options={spaces.map((c) => c.name)} onChange={(name) => set({ space: name, spaceOptions: {} })} />
        <p className="hint">{space?.summary} <Count space={draft.space} options={draft.spaceOptions} /></p>
        {space && <SchemaForm schema={space.options} values={draft.spaceOptions} onChange={(spaceOptions) => set({ spaceOptions })} />}
        <Text label="Data set" value={draft.dataset} onChange={(dataset) => set({ dataset })} faults={faults} pointer="/dataset"
          list={(datasets.data ?? []).map((d) => d.name)} />
      </fieldset>
      <fieldset className="card">
        <legend>Objectives</legend>
        <Text label="Metric" value={draft.metric} onChange={(metric) => set({ metric })} faults={faults} pointer="/objectives/0/metric" />
        <Pick label="Direction" value={draft.direction} options={["maximize", "minimize"]} onChange={(d) => set({ direction: d as Draft["direction"] })} />
        <Pick label="Second objective (minimized)" value={draft.second} options={["", "flops", "params", "loss"]} onChange={(second) => set({ second })} />
        <Text label="Most FLOPs" value={draft.maxFlops} onChange={(maxFlops) => set({ maxFlops })} faults={faults} pointer="/constraints/0/max" />
      </fieldset>
      <fieldset className="card">
        <legend>Strategy</legend>
        <Pick label="Strategy" value={draft.strategy} options={strategies.map((c) => c.name)} onChange={(name) => set({ strategy: name, strategyOptions: {} })} />
        <p className="hint">{strategy?.summary}</p>
        {strategy && <SchemaForm schema={strategy.options} values={draft.strategyOptions} onChange={(strategyOptions) => set({ strategyOptions })} />}
      </fieldset>
      <fieldset className="card">
        <legend>Budget</legend>
        <Count1 label="Trials" value={draft.trials} onChange={(trials) => set({ trials })} />
        <Count1 label="Trials at once" value={draft.parallel} onChange={(parallel) => set({ parallel })} />
        <Count1 label="Epochs of a trial" value={draft.epochs} onChange={(epochs) => set({ epochs })} />
        <Count1 label="Epochs of the final training (0 for none)" value={draft.finalEpochs} onChange={(finalEpochs) => set({ finalEpochs })} />
      </fieldset>
      <button type="submit" className="primary" disabled={submit.isPending}>Start the search</button>
    </form>
  );
}

/** Size of the chosen space, counted by the server as options change. */
function Count({ space, options }: { space: string; options: Values }) {
  const query = useQuery({
    queryKey: ["count", space, options],
    queryFn: () => post<SpaceCount>("/v1/spaces/count", { builtin: { name: space, options } }),
  });
  if (query.error) return <span role="alert">{query.error.message}</span>;
  if (!query.data) return null;
  const size = query.data.size === "-1" ? "infinitely many" : BigInt(query.data.size).toLocaleString("en");
  return <strong>{size} genotypes, {query.data.decisions} decisions.</strong>;
}

type TextProps = { label: string; value: string; onChange: (value: string) => void; faults: Fault[]; pointer: string; list?: string[] };

function Text({ label, value, onChange, faults, pointer, list }: TextProps) {
  const id = `field${pointer.replaceAll("/", "-")}`;
  const fault = faults.find((f) => f.pointer.startsWith(pointer));
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input id={id} value={value} list={list && `${id}-list`} aria-invalid={fault !== undefined} aria-describedby={fault && `${id}-fault`}
        onChange={(event) => onChange(event.target.value)} />
      {list && <datalist id={`${id}-list`}>{list.map((name) => <option key={name} value={name} />)}</datalist>}
      {fault && <p className="fault" id={`${id}-fault`}>{fault.detail}</p>}
    </div>
  );
}

function Pick({ label, value, options, onChange }: { label: string; value: string; options: string[]; onChange: (value: string) => void }) {
  return (
    <label className="field">{label}
      <select value={value} onChange={(event) => onChange(event.target.value)}>
        {options.map((name) => <option key={name} value={name}>{name || "none"}</option>)}
      </select>
    </label>
  );
}

function Count1({ label, value, onChange }: { label: string; value: number; onChange: (value: number) => void }) {
  return (
    <label className="field">{label}
      <input type="number" min={0} value={value} onChange={(event) => onChange(Number(event.target.value))} />
    </label>
  );
}
