// The coordinator's API with types generated from its OpenAPI document.
import type { components } from "./schema";

type Schemas = components["schemas"];
export type Study = Schemas["StudyView"];
export type Trial = Schemas["TrialView"];
export type TrialDetail = Schemas["TrialDetail"];
export type CurvePoint = Schemas["CurveView"];
export type Worker = Schemas["WorkerView"];
export type Choice = Schemas["Choice"];
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

export async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
  const headers: Record<string, string> = {};
  if (body !== undefined) headers["content-type"] = "application/json";
  if (token.get()) headers["authorization"] = `Bearer ${token.get()}`;
  const response = await fetch(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
  const text = await response.text();
  if (!response.ok) throw problem(response.status, text);
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
