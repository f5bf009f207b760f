// All trials of a study for its charts: pages whose trials have all ended are fetched once.
import { type QueryClient, useQuery, useQueryClient } from "@tanstack/react-query";
import { type Loaded, settled } from "../lib/pages";
import { type Page, type Trial, get } from "./client";

const PAGE = 500;

async function load(client: QueryClient, study: string): Promise<Loaded<Trial>> {
  const key = ["trials", study, "all"];
  const before = client.getQueryData<Loaded<Trial>>(key);
  const kept = settled(before, PAGE);
  const pages = [...kept.pages];
  let cursor = kept.next;
  do {
    const page: Page<Trial> = await get(`/v1/studies/${study}/trials?limit=${PAGE}${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ""}`);
    cursor = page.next ?? undefined;
    pages.push({ items: page.items, next: cursor });
    // The first time, what is there is drawn while the rest comes in.
    if (before === undefined) client.setQueryData<Loaded<Trial>>(key, { pages: [...pages] });
  } while (cursor !== undefined);
  return { pages };
}

export function useAllTrials(study: string) {
  const client = useQueryClient();
  return useQuery({
    queryKey: ["trials", study, "all"],
    queryFn: () => load(client, study),
    select: (loaded) => loaded.pages.flatMap((page) => page.items),
  });
}
