import { describe, expect, it } from "vitest";
import { changed, changedWithin, fieldsOf, shown, typed } from "./schema";

const schema = {
  $defs: {
    Finals: { type: "object", properties: { count: { type: ["integer", "null"], minimum: 1 }, mode: { $ref: "#/$defs/Mode" } } },
    Temperature: {
      oneOf: [
        { type: "object", properties: { course: { const: "linear" }, start: { type: "number" } }, required: ["course", "start"] },
        { type: "object", properties: { course: { const: "fixed" } }, required: ["course"] },
      ],
    },
    Mode: { oneOf: [{ const: "fast" }, { const: "exact" }] },
  },
  required: ["channels"],
  properties: {
    channels: { type: "integer", minimum: 1, default: 16, description: "Width of the first stage" },
    input: { type: "array", items: { type: "integer" }, default: [1, 8, 8] },
    mode: { $ref: "#/$defs/Mode" },
    rate: { anyOf: [{ type: "number" }, { type: "null" }] },
    affine: { type: "boolean", default: true },
    deep: { type: "object" },
    finals: { anyOf: [{ $ref: "#/$defs/Finals" }, { type: "null" }] },
    temperature: { $ref: "#/$defs/Temperature", default: { course: "linear", start: 5 } },
  },
};

const fields = Object.fromEntries(fieldsOf(schema).map((field) => [field.name, field]));

describe("a schema as a form", () => {
  it("finds the kind of each field, through references and null", () => {
    expect(Object.values(fields).map((field) => field.kind)).toEqual(["number", "numbers", "choice", "number", "boolean", "json", "group", "variants"]);
    expect(fields["channels"]).toMatchObject({ whole: true, min: 1, preset: 16, required: true, hint: "Width of the first stage" });
    expect(fields["mode"]).toMatchObject({ choices: ["fast", "exact"] });
  });

  it("shows nested objects as groups and tagged ones as variants", () => {
    const finals = fields["finals"];
    if (finals?.kind !== "group") throw new Error("no group");
    expect(finals.fields.map((field) => [field.name, field.kind])).toEqual([["count", "number"], ["mode", "choice"]]);
    const temperature = fields["temperature"];
    if (temperature?.kind !== "variants") throw new Error("no variants");
    expect(temperature).toMatchObject({ tag: "course", preset: { course: "linear" } });
    expect(temperature.variants.map((one) => [one.value, one.fields.length])).toEqual([["linear", 1], ["fixed", 0]]);
  });

  it("leaves out a group without members", () => {
    expect(changedWithin(undefined, "count", 3)).toEqual({ count: 3 });
    expect(changedWithin({ count: 3 }, "count", undefined)).toBeUndefined();
  });

  it("reads what is typed and shows it again", () => {
    const input = fields["input"];
    if (!input) throw new Error("no field");
    expect(typed(input, "3, 32 32")).toEqual([3, 32, 32]);
    expect(shown(input, [3, 32, 32])).toBe("3, 32, 32");
    expect(typed(input, "wide")).toBe("wide");
    expect(typed(input, " ")).toBeUndefined();
  });

  it("takes the default again when a field is emptied", () => {
    expect(changed({ a: 1, b: 2 }, "a", undefined)).toEqual({ b: 2 });
  });
});
