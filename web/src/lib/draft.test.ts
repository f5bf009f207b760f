import { describe, expect, it } from "vitest";
import { START, faultAt, toDocument } from "./draft";

describe("a draft", () => {
  it("becomes a study document; what is empty is left out", () => {
    const document = JSON.parse(JSON.stringify(toDocument({ ...START, minutes: "2", trials: "", finalEpochs: "0" }))) as unknown;
    expect(document).toMatchObject({
      space: { builtin: { name: "digits-quickstart", options: {} } },
      budget: { timeout_seconds: 120, parallel_trials: 2 },
    });
    expect(document).not.toHaveProperty("final");
    expect(document).not.toHaveProperty("budget.max_trials");
  });

  it("finds faults at a field and below it, not at its neighbours", () => {
    const faults = [{ pointer: "/objectives/1/metric", detail: "unknown" }, { pointer: "/objectives/10", detail: "too many" }];
    expect(faultAt(faults, "/objectives/1")).toBe("unknown");
    expect(faultAt(faults, "/objectives/2")).toBeUndefined();
  });
});
