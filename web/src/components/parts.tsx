// Small parts that every page uses.
import type { ReactNode } from "react";
import { ApiError } from "../api/client";
import type { Connection } from "../api/events";

export function State({ state }: { state: string }) {
  return <span className={`state state-${state}`}>{state}</span>;
}

export function Progress({ share, label }: { share: number; label: string }) {
  const percent = Math.round(Math.min(1, Math.max(0, share)) * 100);
  return (
    <div className="progress" role="progressbar" aria-label={label} aria-valuenow={percent} aria-valuemin={0} aria-valuemax={100}>
      <div style={{ width: `${percent}%` }} />
    </div>
  );
}

export function Live({ connection }: { connection: Connection }) {
  return <span className={`live live-${connection}`} role="status">{connection}</span>;
}

type Query<T> = { data?: T; error: Error | null; isPending: boolean };

/** Loading, error and content of a query. */
export function Fetched<T>({ query, children }: { query: Query<T>; children: (data: T) => ReactNode }) {
  if (query.data !== undefined) return <>{children(query.data)}</>;
  if (query.error) return <Failure error={query.error} />;
  return <p className="loading" role="status">Loading…</p>;
}

export function Failure({ error }: { error: Error }) {
  const faults = error instanceof ApiError ? error.faults : [];
  return (
    <div className="failure" role="alert">
      <p>{error.message}</p>
      {faults.length > 0 && (
        <ul>
          {faults.map((fault) => (
            <li key={fault.pointer + fault.detail}><code>{fault.pointer || "document"}</code> {fault.detail}</li>
          ))}
        </ul>
      )}
    </div>
  );
}

export function Facts({ rows }: { rows: [string, ReactNode][] }) {
  return (
    <dl className="facts">
      {rows.map(([name, value]) => (
        <div key={name}><dt>{name}</dt><dd>{value}</dd></div>
      ))}
    </dl>
  );
}
