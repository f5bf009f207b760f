import { describe, expect, it } from "vitest";
import type { Trial } from "../api/client";
import { duration, metric } from "./format";
import { settled } from "./pages";
import { parseEvents } from "./sse";
import { type Objective, bestSoFar, paretoFront, valueOf } from "./trials";

const trial = (number: number, top1: number, flops: number, state = "completed"): Trial =>
  ({ number, state, final: false, metrics: { top1 }, statistics: { flops } }) as unknown as Trial;

const top1: Objective = { metric: "top1", direction: "maximize" };
const flops: Objective = { metric: "flops", direction: "minimize" };

describe("best so far", () => {
  it("never falls and leaves out what did not complete", () => {
    const trials = [trial(3, 0.7, 1), trial(1, 0.5, 1), trial(2, 0.9, 1, "failed"), trial(4, 0.6, 1)];
    expect(bestSoFar(trials, top1).map((point) => [point.x, point.y])).toEqual([[1, 0.5], [3, 0.7], [4, 0.7]]);
  });
});

describe("Pareto front", () => {
  it("keeps what nothing beats in both objectives", () => {
    const points = [trial(1, 0.5, 10), trial(2, 0.9, 30), trial(3, 0.8, 40), trial(4, 0.9, 20)].map((t) => ({
      x: valueOf(t, "flops") ?? 0,
      y: valueOf(t, "top1") ?? 0,
      trial: t,
    }));
    expect(paretoFront(points, flops, top1).map((point) => point.trial.number)).toEqual([1, 4]);
  });
});

describe("pages", () => {
  it("are fetched again from the first that is not full or not ended", () => {
    const page = (states: string[], next?: string) => ({ items: states.map((state) => ({ state })), next });
    const loaded = { pages: [page(["completed", "failed"], "a"), page(["running", "completed"], "b"), page(["completed"])] };
    expect(settled(loaded, 2)).toEqual({ pages: [loaded.pages[0]], next: "a" });
    expect(settled(undefined, 2)).toEqual({ pages: [], next: undefined });
  });
});

describe("server-sent events", () => {
  it("are read across chunks, comments left out", () => {
    const { events, rest } = parseEvents("event: trial\nid: 7\ndata: {}\n\n: ping\n\nevent: st");
    expect(events).toEqual([{ kind: "trial", id: "7", data: "{}" }]);
    expect(rest).toBe("event: st");
  });
});

describe("format", () => {
  it("writes shares as per cent and times in words", () => {
    expect(metric("test_top1", 0.98765)).toBe("98.77 %");
    expect(metric("params", 1_234_567)).toBe("1.23M");
    expect(metric("loss", undefined)).toBe("–");
    expect(duration(125)).toBe("2 min 05 s");
  });
});
