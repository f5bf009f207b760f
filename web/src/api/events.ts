// Live changes by server-sent events: an event says what changed, the cache fetches it again.
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";

export type Connection = "connecting" | "live" | "reconnecting";

/** Keeps the queries under `keys` fresh while the component is shown. */
export function useEvents(path: string, keys: readonly (readonly unknown[])[]): Connection {
  const client = useQueryClient();
  const [connection, setConnection] = useState<Connection>("connecting");
  const flat = JSON.stringify(keys);
  useEffect(() => {
    const source = new EventSource(path);
    let due: ReturnType<typeof setTimeout> | undefined;
    // Bursts of events become one refresh.
    const refresh = () => {
      due ??= setTimeout(() => {
        due = undefined;
        for (const key of JSON.parse(flat) as unknown[][]) void client.invalidateQueries({ queryKey: key });
      }, 250);
    };
    source.onopen = () => {
      setConnection("live");
      refresh();
    };
    source.onerror = () => setConnection("reconnecting");
    for (const kind of ["study", "trial", "curve", "reload"]) source.addEventListener(kind, refresh);
    return () => {
      source.close();
      clearTimeout(due);
    };
  }, [path, flat, client]);
  return connection;
}
