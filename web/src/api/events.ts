// Live changes by server-sent events: an event says what changed, the cache fetches it again.
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { parseEvents } from "../lib/sse";
import { ApiError, request } from "./client";

export type Connection = "connecting" | "live" | "reconnecting";

/** Bursts of events become one refresh. */
const REFRESH_MS = 500;
const LONGEST_WAIT_MS = 10_000;

/** Keeps the queries under `keys` fresh while the component is shown. */
export function useEvents(path: string, keys: readonly (readonly unknown[])[]): Connection {
  const client = useQueryClient();
  const [connection, setConnection] = useState<Connection>("connecting");
  const flat = JSON.stringify(keys);
  useEffect(() => {
    const ended = new AbortController();
    let due: ReturnType<typeof setTimeout> | undefined;
    const refresh = () => {
      due ??= setTimeout(() => {
        due = undefined;
        for (const key of JSON.parse(flat) as unknown[][]) void client.invalidateQueries({ queryKey: key });
      }, REFRESH_MS);
    };
    void follow(path, ended.signal, refresh, setConnection);
    return () => {
      ended.abort();
      clearTimeout(due);
    };
  }, [path, flat, client]);
  return connection;
}

/** Reads the stream and opens it again whenever it breaks. Not `EventSource`: that cannot send the token. */
async function follow(path: string, signal: AbortSignal, changed: () => void, tell: (connection: Connection) => void) {
  let last: string | undefined;
  for (let failures = 0; !signal.aborted; failures += 1) {
    try {
      const response = await request(path, { signal, headers: last === undefined ? {} : { "last-event-id": last } });
      tell("live");
      // What happened before the stream was open is fetched too.
      changed();
      failures = 0;
      last = (await read(response, changed)) ?? last;
    } catch (error) {
      if (signal.aborted || (error instanceof ApiError && error.status < 500)) return;
    }
    if (signal.aborted) return;
    tell("reconnecting");
    await pause(Math.min(LONGEST_WAIT_MS, 500 * 2 ** failures), signal);
  }
}

/** Reads to the end of the stream; the id of the last event. */
async function read(response: Response, changed: () => void): Promise<string | undefined> {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let last: string | undefined;
  let buffer = "";
  while (reader) {
    const { done, value } = await reader.read().catch(() => ({ done: true as const, value: undefined }));
    if (done) break;
    const { events, rest } = parseEvents(buffer + value);
    buffer = rest;
    for (const event of events) {
      last = event.id ?? last;
      if (event.kind !== "ready") changed();
    }
  }
  return last;
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener("abort", () => { clearTimeout(timer); resolve(); }, { once: true });
  });
}
