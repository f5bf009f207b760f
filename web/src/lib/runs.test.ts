import { describe, expect, it } from "vitest";
import type { RunCurve } from "../api/client";
import { alarms, distributions, shortLabels } from "./runs";

const curve = (metric: string, values: number[], first = 1): RunCurve => ({ metric, values, steps: values.map((_, i) => first + i) });

describe("distributions", () => {
  const edge = (index: number) => ({ id: `network.cells.normal.nodes[0][=${index}/2].op`, group: "network.cells.normal", labels: ["none", "skip_connect"] });
  const pick = { id: "network.cells.normal.nodes[0]", group: "network.cells.normal", labels: ["0", "1"] };

  it("have a row per edge and a column per operator, by epoch", () => {
    const curves = [0, 1].flatMap((i) => [curve(`p/${edge(i).id}/none`, [0.5, 0.25]), curve(`p/${edge(i).id}/skip_connect`, [0.5, 0.75])]);
    const [only, ...others] = distributions([pick, edge(0), edge(1)], curves);
    expect(others).toEqual([]);
    expect(only).toMatchObject({ title: "Normal cell", columns: ["none", "skip_connect"], steps: [1, 2], most: 0.75 });
    expect(only?.rows.map((row) => row.name)).toEqual(["node 0 ← 0", "node 0 ← 1"]);
    expect(only?.values[1]).toEqual([[0.25, 0.75], [0.25, 0.75]]);
  });

  it("of edges stand apart from those of operators, and gaps stay gaps", () => {
    const curves = [curve(`p/${pick.id}/0`, [1]), curve(`p/${pick.id}/1`, [0]), curve(`p/${edge(0).id}/none`, [0.1]), curve(`p/${edge(1).id}/skip_connect`, [0.9])];
    const tables = distributions([pick, edge(0), edge(1)], curves);
    expect(tables.map((table) => table.columns)).toEqual([["0", "1"], ["none", "skip_connect"]]);
    expect(tables[1]?.values[0]).toEqual([[0.1, undefined], [undefined, 0.9]]);
  });
});

describe("labels", () => {
  it("that are documents say what tells them apart", () => {
    const labels = ['{"op":"mbconv","channels":16,"kernel":3}', '{"op":"mbconv","channels":16,"kernel":5}', '{"op":"identity"}', "none"];
    expect(shortLabels(labels)).toEqual(["mbconv kernel 3", "mbconv kernel 5", "identity", "none"]);
    expect(shortLabels(["conv", "pool"])).toEqual(["conv", "pool"]);
  });
});

describe("alarms", () => {
  it("tell of skip connections on more than half of the edges", () => {
    expect(alarms([curve("skip_count", [2, 4])], 8)).toEqual([]);
    expect(alarms([curve("skip_count", [2, 5, 4])], 8)).toEqual([]);
    expect(alarms([curve("skip_count", [5, 4, 5, 6])], 8)[0]).toMatch(/^6 of 8 edges .* since epoch 3/);
  });

  it("tell of an eigenvalue that grows by more than 1.3 in five epochs", () => {
    expect(alarms([curve("lambda_max", [1, 1.05, 1.1, 1.15, 1.2, 1.25, 1.3])], 8)).toEqual([]);
    expect(alarms([curve("lambda_max", [1, 1.1, 1.2, 1.31])], 8)[0]).toMatch(/grown 1.31 times up to epoch 4/);
    const slow: RunCurve = { metric: "lambda_max", steps: [1, 10], values: [1, 2] };
    expect(alarms([slow], 8)).toEqual([]);
  });
});
