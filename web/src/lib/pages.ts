// Which pages of a list need not be fetched again. Pure.

type Item = { state: string };
export type Loaded<T> = { pages: { items: T[]; next?: string }[] };

const ENDED = new Set(["completed", "pruned", "infeasible", "failed", "cancelled"]);

/** The leading full pages whose items have all ended, and the cursor behind them. */
export function settled<T extends Item>(loaded: Loaded<T> | undefined, size: number): Loaded<T> & { next?: string } {
  const pages: Loaded<T>["pages"] = [];
  for (const page of loaded?.pages ?? []) {
    const done = page.items.length === size && page.items.every((item) => ENDED.has(item.state));
    if (!done || page.next === undefined) break;
    pages.push(page);
  }
  return { pages, next: pages.at(-1)?.next };
}
