// The trials of a study, sorted and filtered by the server, page by page.
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useSearchParams } from "react-router";
import { type Page, type Study, type Trial, get } from "../api/client";
import { label, metric } from "../lib/format";
import { documentOf, valueOf } from "../lib/trials";
import { Failure, State } from "./parts";

const PAGE = 100;
const STATES = ["waiting", "running", "paused", "completed", "pruned", "infeasible", "failed", "cancelled"];

export function TrialTable({ study }: { study: Study }) {
  const [params, setParams] = useSearchParams();
  const sort = params.get("sort") ?? "number";
  const state = params.get("state") ?? "";
  // One page at a time: a study may have ten thousand trials, and a live one is fetched again and again.
  const [cursors, setCursors] = useState<string[]>([]);
  const cursor = cursors.at(-1) ?? "";
  const query = useQuery({
    queryKey: ["trials", study.id, sort, state, cursor],
    placeholderData: keepPreviousData,
    queryFn: () =>
      get<Page<Trial>>(`/v1/studies/${study.id}/trials?limit=${PAGE}&sort=${encodeURIComponent(sort)}${state ? `&state=${encodeURIComponent(state)}` : ""}${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ""}`),
  });
  const set = (name: string, value: string) => {
    setCursors([]);
    setParams((old) => { old.set(name, value); return old; }, { replace: true });
  };
  const objectives = documentOf(study).objectives.map((o) => o.metric);
  const columns = [...new Set([...objectives, "params", "flops"])];
  const trials = query.data?.items ?? [];
  return (
    <section className="card" aria-labelledby="trials">
      <div className="heading">
        <h2 id="trials">Trials</h2>
        <label className="filter">Trial state{" "}
          <select value={state} onChange={(event) => set("state", event.target.value)}>
            <option value="">all</option>
            {STATES.map((name) => <option key={name}>{name}</option>)}
          </select>
        </label>
      </div>
      {query.error && <Failure error={query.error} />}
      <div className="scroll" tabIndex={0} role="region" aria-label="Table of trials">
        <table>
          <thead>
            <tr>
              <Sortable name="number" sort={sort} onSort={(value) => set("sort", value)} />
              <th>State</th>
              {columns.map((name) => <Sortable key={name} name={name} sort={sort} onSort={(value) => set("sort", value)} />)}
              <th className="number">Epochs</th>
              <th>Reason</th>
            </tr>
          </thead>
          <tbody>
            {trials.map((trial) => (
              <tr key={trial.id}>
                <td><Link to={`/trials/${trial.id}`}>{trial.number}</Link>{trial.final ? (trial.baseline ? " baseline" : " final") : ""}</td>
                <td><State state={trial.state} /></td>
                {columns.map((name) => <td key={name} className="number">{metric(name, valueOf(trial, name))}</td>)}
                <td className="number">{trial.epochs_done}/{trial.epochs}</td>
                <td className="reason">{trial.reason ?? ""}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {!query.isPending && trials.length === 0 && <p className="empty">{state ? `No trial is ${state}.` : "No trials yet: they appear as soon as the strategy proposes them."}</p>}
      <Pager page={cursors.length + 1} next={query.data?.next ?? undefined} waits={query.isPlaceholderData}
        onBack={() => setCursors(cursors.slice(0, -1))} onNext={(next) => setCursors([...cursors, next])} />
    </section>
  );
}

function Sortable({ name, sort, onSort }: { name: string; sort: string; onSort: (sort: string) => void }) {
  const direction = sort === name ? "ascending" : sort === `-${name}` ? "descending" : "none";
  return (
    <th aria-sort={direction} className={name === "number" ? undefined : "number"}>
      <button type="button" className="sort" onClick={() => onSort(sort === `-${name}` ? name : `-${name}`)}>
        {name === "number" ? "Trial" : label(name)}{direction === "ascending" ? " ↑" : direction === "descending" ? " ↓" : ""}
      </button>
    </th>
  );
}

type PagerProps = { page: number; next?: string; waits: boolean; onBack: () => void; onNext: (next: string) => void };

function Pager({ page, next, waits, onBack, onNext }: PagerProps) {
  if (page === 1 && next === undefined) return null;
  return (
    <nav className="pager" aria-label="Pages of trials">
      <button type="button" disabled={page === 1} onClick={onBack}>Previous</button>
      <span role="status">Page {page}</span>
      <button type="button" disabled={next === undefined || waits} onClick={() => next !== undefined && onNext(next)}>Next</button>
    </nav>
  );
}
