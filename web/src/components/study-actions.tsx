// What a person can do with a study: pause, resume, stop, cancel, change its limits, delete it.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";
import { type Study, call, post } from "../api/client";
import { Failure } from "./parts";

type Verb = "pause" | "resume" | "stop" | "cancel" | "delete";

const VERBS: Record<string, Verb[]> = {
  running: ["pause", "stop", "cancel"],
  paused: ["resume", "stop", "cancel"],
  stopping: ["cancel"],
  completed: ["delete"],
  stopped: ["delete"],
  failed: ["delete"],
};

const MEANING: Record<Verb, string> = {
  pause: "Give out no more work; running trials keep their checkpoints",
  resume: "Go on with the search",
  stop: "End gently: running trials stop after their epoch and keep their metrics",
  cancel: "End at once; running trials are dropped",
  delete: "Remove the study with its trials and files",
};

/** These lose something, so they ask first. */
const ASKS = new Set<Verb>(["cancel", "delete"]);

export function Actions({ study }: { study: Study }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const [asked, setAsked] = useState<Verb>();
  const act = useMutation({
    mutationFn: (verb: Verb) =>
      verb === "delete" ? call("DELETE", `/v1/studies/${study.id}`) : post(`/v1/studies/${study.id}/${verb}`),
    onSuccess: (_, verb) => (verb === "delete" ? void navigate("/") : undefined),
    onSettled: () => client.invalidateQueries({ queryKey: ["study", study.id] }),
  });
  const start = (verb: Verb) => {
    if (ASKS.has(verb) && asked !== verb) return setAsked(verb);
    setAsked(undefined);
    act.mutate(verb);
  };
  const verbs = VERBS[study.state] ?? [];
  return (
    <div className="actions">
      {verbs.map((verb) => (
        <button key={verb} type="button" title={MEANING[verb]} disabled={act.isPending} className={ASKS.has(verb) ? "grave" : undefined}
          onClick={() => start(verb)}>
          {asked === verb ? `Really ${verb}?` : verb}
        </button>
      ))}
      {asked && <button type="button" onClick={() => setAsked(undefined)}>Keep it</button>}
      {(study.state === "running" || study.state === "paused") && <Limits study={study} />}
      {act.error && <Failure error={act.error} />}
    </div>
  );
}

const LIMITS = [
  ["max_trials", "Trials"],
  ["max_epochs", "Epochs in all"],
  ["timeout_seconds", "Seconds"],
  ["parallel_trials", "Trials at once"],
  ["max_failed_trials", "Failed trials"],
] as const;

/** Limits that may change while the study runs. */
function Limits({ study }: { study: Study }) {
  const client = useQueryClient();
  const change = useMutation({
    mutationFn: (limits: Record<string, number>) => call("PATCH", `/v1/studies/${study.id}`, limits),
    onSuccess: () => client.invalidateQueries({ queryKey: ["study", study.id] }),
  });
  const submit = (form: FormData) => {
    const given = LIMITS.filter(([name]) => String(form.get(name) ?? "") !== "");
    change.mutate(Object.fromEntries(given.map(([name]) => [name, Number(form.get(name))])));
  };
  return (
    <details className="limits">
      <summary>Limits</summary>
      <form action={submit} key={JSON.stringify(study.limits)}>
        {LIMITS.map(([name, text]) => (
          <label key={name}>{text}
            <input name={name} type="number" min={name === "parallel_trials" ? 1 : 0} step={name === "timeout_seconds" ? "any" : 1} defaultValue={study.limits[name] ?? undefined} />
          </label>
        ))}
        <button type="submit" className="primary" disabled={change.isPending}>Change limits</button>
        {change.isSuccess && <p role="status" className="quiet">Changed.</p>}
        {change.error && <Failure error={change.error} />}
      </form>
    </details>
  );
}
