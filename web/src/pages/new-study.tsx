// A form for a new study, made from the schemas of spaces and strategies.
import { useMutation, useQuery } from "@tanstack/react-query";
import { useDeferredValue, useEffect, useRef, useState } from "react";
import { useNavigate } from "react-router";
import { ApiError, type Choice, type Dataset, type SpaceCount, type StrategyView, type Study, get, post } from "../api/client";
import { Faults, Field, GroupFault, NumberField, PickField, TextField } from "../components/field";
import { Constraints, Objectives } from "../components/objectives";
import { Failure, Fetched } from "../components/parts";
import { SchemaForm } from "../components/schema-form";
import { type Draft, START, spaceOf, toDocument } from "../lib/draft";

type Section = { draft: Draft; set: (change: Partial<Draft>) => void };

export default function NewStudy() {
  const spaces = useQuery({ queryKey: ["catalogue"], queryFn: () => get<Choice[]>("/v1/catalogue") });
  const strategies = useQuery({ queryKey: ["strategies"], queryFn: () => get<StrategyView[]>("/v1/strategies") });
  return (
    <div className="narrow">
      <h1>New study</h1>
      <p className="quiet">Where to search, for what, how, and for how long. The search starts at once.</p>
      <Fetched query={spaces}>
        {(spaceChoices) => <Fetched query={strategies}>{(strategyChoices) => <Form spaces={spaceChoices} strategies={strategyChoices} />}</Fetched>}
      </Fetched>
    </div>
  );
}

function Form({ spaces, strategies }: { spaces: Choice[]; strategies: StrategyView[] }) {
  const [draft, setDraft] = useState(START);
  const navigate = useNavigate();
  const form = useRef<HTMLFormElement>(null);
  const submit = useMutation({
    mutationFn: () => post<Study>("/v1/studies", toDocument(draft)),
    onSuccess: (study) => void navigate(`/studies/${study.id}`),
  });
  const faults = submit.error instanceof ApiError ? submit.error.faults : [];
  // The first field with a fault takes the focus, so that it is seen and heard.
  useEffect(() => {
    if (submit.isError) form.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
  }, [submit.isError, submit.error]);
  const section: Section = { draft, set: (change) => setDraft((old) => ({ ...old, ...change })) };
  return (
    <Faults value={faults}>
      <form ref={form} noValidate onSubmit={(event) => { event.preventDefault(); submit.mutate(); }}>
        <Space {...section} spaces={spaces} />
        <fieldset className="card">
          <legend>Objectives</legend>
          <Objectives {...section} />
          <Constraints {...section} />
        </fieldset>
        <Strategy {...section} strategies={strategies} />
        <Budget {...section} />
        {submit.error && <Failure error={submit.error} />}
        <button type="submit" className="primary large" disabled={submit.isPending}>Start the search</button>
      </form>
    </Faults>
  );
}

function Space({ draft, set, spaces }: Section & { spaces: Choice[] }) {
  const datasets = useQuery({ queryKey: ["datasets"], queryFn: () => get<Dataset[]>("/v1/datasets") });
  const space = spaces.find((choice) => choice.name === draft.space);
  return (
    <fieldset className="card">
      <legend>Search space</legend>
      <TextField label="Name of the study" pointer="/name" value={draft.name} onChange={(name) => set({ name })} />
      <div className="switch" role="group" aria-label="Where the space comes from">
        <button type="button" aria-pressed={draft.source === "builtin"} onClick={() => set({ source: "builtin" })}>Ready-made</button>
        <button type="button" aria-pressed={draft.source === "document"} onClick={() => set({ source: "document" })}>A document of mine</button>
      </div>
      {draft.source === "builtin" ? (
        <>
          <PickField label="Space" pointer="/space/builtin/name" value={draft.space} hint={space?.summary}
            options={spaces.map((c) => ({ value: c.name, text: c.name }))} onChange={(name) => set({ space: name, spaceOptions: {} })} />
          {space && (
            <SchemaForm schema={space.options} values={draft.spaceOptions} pointer="/space/builtin/options" onChange={(spaceOptions) => set({ spaceOptions })} />
          )}
        </>
      ) : (
        <Field label="Space document (JSON)" pointer="/space/document" hint="A network and recipe template in which any value may be a decision.">
          {(control) => <textarea {...control} rows={10} spellCheck={false} value={draft.document} onChange={(e) => set({ document: e.target.value })} />}
        </Field>
      )}
      <Count draft={draft} />
      <GroupFault pointer="/space" />
      <TextField label="Data set" pointer="/dataset" value={draft.dataset} onChange={(dataset) => set({ dataset })}
        list={(datasets.data ?? []).map((d) => d.name)} hint="One that a worker has. Empty when an external trainer brings its own." />
    </fieldset>
  );
}

/** Size of the chosen space, counted by the server as options change. */
function Count({ draft }: { draft: Draft }) {
  const source = useDeferredValue(JSON.stringify(spaceOf(draft)));
  const [settled, setSettled] = useState(source);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(source), 300);
    return () => clearTimeout(timer);
  }, [source]);
  const query = useQuery({
    queryKey: ["count", settled],
    enabled: draft.source === "builtin" || draft.document.trim() !== "",
    queryFn: () => post<SpaceCount>("/v1/spaces/count", JSON.parse(settled)),
  });
  if (query.error) return <p className="fault" role="status">{query.error.message}</p>;
  if (!query.data) return <p className="count" role="status">{query.isFetching ? "Counting…" : " "}</p>;
  return <p className="count" role="status"><b>{sizeOf(query.data.size)}</b> genotypes in {query.data.decisions} decisions</p>;
}

/** Huge counts by their power of ten. */
function sizeOf(size: string): string {
  if (size === "-1") return "Infinitely many";
  if (size.length <= 12) return Number(size).toLocaleString("en");
  return `${size[0]}.${size.slice(1, 3)} × 10^${size.length - 1}`;
}

/** How strategies search, by the kind of work that they order. */
const WAYS: Record<string, { group: string; meaning: string }> = {
  train: { group: "Trains candidates one by one", meaning: "Every trial trains one candidate from scratch; any worker or trainer of your own can do that." },
  supernet: {
    group: "Shares weights in a supernet",
    meaning: "One supernet holds all candidates and is trained first; then the best of it are trained as trials. Its epochs are an option here, and a worker for supernets is needed.",
  },
};

function Strategy({ draft, set, strategies }: Section & { strategies: StrategyView[] }) {
  const strategy = strategies.find((choice) => choice.name === draft.strategy);
  return (
    <fieldset className="card">
      <legend>Strategy</legend>
      <PickField label="Strategy" pointer="/strategy/name" value={draft.strategy} hint={strategy?.summary}
        options={strategies.map((c) => ({ value: c.name, text: c.name, group: WAYS[c.searches_by]?.group ?? c.searches_by }))} onChange={(name) => set({ strategy: name, strategyOptions: {} })} />
      {strategy && <p className="hint">{WAYS[strategy.searches_by]?.meaning}</p>}
      <GroupFault pointer="/strategy/options" />
      {strategy && (
        <SchemaForm key={strategy.name} schema={strategy.options} values={draft.strategyOptions} pointer="/strategy/options" onChange={(strategyOptions) => set({ strategyOptions })} />
      )}
    </fieldset>
  );
}

function Budget({ draft, set }: Section) {
  return (
    <fieldset className="card">
      <legend>Budget</legend>
      <GroupFault pointer="/budget" />
      <div className="fields">
        <NumberField label="Trials" pointer="/budget/max_trials" min={1} value={draft.trials} onChange={(trials) => set({ trials })} />
        <NumberField label="Minutes" pointer="/budget/timeout_seconds" value={draft.minutes} onChange={(minutes) => set({ minutes })} hint="Empty for no limit of time" />
        <NumberField label="Trials at once" pointer="/budget/parallel_trials" min={1} value={draft.parallel} onChange={(parallel) => set({ parallel })} />
        <NumberField label="Epochs of a trial" pointer="/training/epochs" min={1} value={draft.epochs} onChange={(epochs) => set({ epochs })} />
        <NumberField label="Epochs of the final training" pointer="/final/epochs" value={draft.finalEpochs} onChange={(finalEpochs) => set({ finalEpochs })} hint="The best is trained longer, tested and exported. 0 for none." />
        <NumberField label="Seed" pointer="/seed" value={draft.seed} onChange={(seed) => set({ seed })} />
      </div>
    </fieldset>
  );
}
