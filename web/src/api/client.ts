// The coordinator's API with types generated from its OpenAPI document.
import type { components } from "./schema";

type Schemas = components["schemas"];
export type Study = Schemas["StudyView"];
export type Trial = Schemas["TrialView"];
export type TrialDetail = Schemas["TrialDetail"];
export type CurvePoint = Schemas["CurveView"];
export type Run = Schemas["RunView"];
export type RunDetail = Schemas["RunDetail"];
export type RunCurve = Schemas["RunCurve"];
export type Decision = Schemas["DecisionView"];
export type LatencyTableView = Schemas["LatencyTableView"];
export type LatencyTable = Schemas["LatencyTableDetail"];
export type Worker = Schemas["WorkerView"];
export type Choice = Schemas["Choice"];
export type StrategyView = Schemas["StrategyView"];
export type Dataset = Schemas["DatasetView"];
export type SpaceCount = Schemas["SpaceCount"];
export type Fault = Schemas["ProblemFault"];
export type Page<T> = { items: T[]; next?: string | null };

/** An answer that is not a success, with the faults that the server found. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly faults: Fault[] = [],
  ) {
    super(message);
  }
}

const TOKEN = "nascent-token";

export const token = {
  get: () => localStorage.getItem(TOKEN) ?? "",
  set: (value: string) => localStorage.setItem(TOKEN, value),
};

/** A request with the token; throws [`ApiError`] for every answer that is not a success. */
export async function request(path: string, init: RequestInit = {}): Promise<Response> {
  const headers = new Headers(init.headers);
  if (token.get()) headers.set("authorization", `Bearer ${token.get()}`);
  const response = await fetch(path, { ...init, headers });
  if (!response.ok) throw problem(response.status, await response.text());
  return response;
}

export async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
  const sent = body === undefined ? {} : { headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
  const text = await (await request(path, { method, ...sent })).text();
  return (text ? JSON.parse(text) : undefined) as T;
}

function problem(status: number, text: string): ApiError {
  try {
    const document = JSON.parse(text) as Schemas["Problem"];
    return new ApiError(status, `${document.title}: ${document.detail}`, document.errors ?? []);
  } catch {
    return new ApiError(status, `The server answered ${status}`);
  }
}

export const get = <T>(path: string) => call<T>("GET", path);
export const post = <T>(path: string, body: unknown = {}) => call<T>("POST", path, body);
export const getText = async (path: string) => (await request(path)).text();

/** Saves a file: by fetching it, since a link cannot carry the token. */
export async function download(path: string, name: string): Promise<void> {
  const url = URL.createObjectURL(await (await request(path)).blob());
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
