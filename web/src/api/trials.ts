// All trials of a study for its charts: pages whose trials have all ended are fetched once.
import { type QueryClient, useQuery, useQueryClient } from "@tanstack/react-query";
import { type Loaded, settled } from "../lib/pages";
import { type Page, type Trial, get } from "./client";

const PAGE = 500;

async function load(client: QueryClient, study: string): Promise<Loaded<Trial>> {
  const key = ["trials", study, "all"];
  const kept = settled(client.getQueryData<Loaded<Trial>>(key), PAGE);
  const pages = [...kept.pages];
  let cursor = kept.next;
  do {
    const page: Page<Trial> = await get(`/v1/studies/${study}/trials?limit=${PAGE}${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ""}`);
    cursor = page.next ?? undefined;
    pages.push({ items: page.items, next: cursor });
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
