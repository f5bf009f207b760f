import { describe, expect, it } from "vitest";
import { changed, fieldsOf, shown, typed } from "./schema";

const schema = {
  $defs: { Mode: { oneOf: [{ const: "fast" }, { const: "exact" }] } },
  required: ["channels"],
  properties: {
    channels: { type: "integer", minimum: 1, default: 16, description: "Width of the first stage" },
    input: { type: "array", items: { type: "integer" }, default: [1, 8, 8] },
    mode: { $ref: "#/$defs/Mode" },
    rate: { anyOf: [{ type: "number" }, { type: "null" }] },
    affine: { type: "boolean", default: true },
    deep: { type: "object" },
  },
};

const fields = Object.fromEntries(fieldsOf(schema).map((field) => [field.name, field]));

describe("a schema as a form", () => {
  it("finds the kind of each field, through references and null", () => {
    expect(Object.values(fields).map((field) => field.kind)).toEqual(["number", "numbers", "choice", "number", "boolean", "json"]);
    expect(fields["channels"]).toMatchObject({ whole: true, min: 1, preset: 16, required: true, hint: "Width of the first stage" });
    expect(fields["mode"]).toMatchObject({ choices: ["fast", "exact"] });
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
