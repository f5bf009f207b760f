// From a JSON schema of options to the fields of a form. Pure.

export type Values = Record<string, unknown>;

type Schema = {
  type?: string | string[];
  title?: string;
  description?: string;
  default?: unknown;
  enum?: unknown[];
  const?: unknown;
  anyOf?: Schema[];
  oneOf?: Schema[];
  $ref?: string;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  minimum?: number;
  maximum?: number;
  $defs?: Record<string, Schema>;
};

type Common = { name: string; hint: string; preset: unknown; required: boolean };

/** One field of a form; the kinds that people can fill in, and JSON for the rest. */
export type FieldOf = Common &
  (
    | { kind: "number"; whole: boolean; min?: number; max?: number }
    | { kind: "boolean" }
    | { kind: "choice"; choices: unknown[] }
    | { kind: "text" }
    | { kind: "numbers" }
    | { kind: "group"; fields: FieldOf[] }
    | { kind: "variants"; tag: string; variants: Variant[] }
    | { kind: "json" }
  );

/** One form of an object that a member (the tag) tells apart. */
export type Variant = { value: string; hint: string; fields: FieldOf[] };

/** Deeper objects are edited as JSON. */
const LEVELS = 3;

export function fieldsOf(schema: unknown): FieldOf[] {
  return fieldsIn(schema as Schema, schema as Schema, LEVELS);
}

function fieldsIn(schema: Schema, root: Schema, levels: number): FieldOf[] {
  return Object.entries(schema.properties ?? {}).map(([name, property]) => {
    const resolved = resolve(property, root);
    const common: Common = {
      name,
      hint: property.description ?? resolved.description ?? "",
      preset: property.default ?? resolved.default,
      required: schema.required?.includes(name) ?? false,
    };
    return { ...common, ...(nested(resolved, root, levels) ?? kindOf(resolved)) } as FieldOf;
  });
}

/** Objects with members of their own. */
function nested(schema: Schema, root: Schema, levels: number) {
  if (levels === 0) return undefined;
  if (schema.properties && Object.keys(schema.properties).length > 0) return { kind: "group", fields: fieldsIn(schema, root, levels - 1) };
  const forms = (schema.oneOf ?? []).map((form) => resolve(form, root));
  const tag = Object.keys(forms[0]?.properties ?? {}).find((name) => forms.every((form) => typeof form.properties?.[name]?.const === "string"));
  if (tag === undefined) return undefined;
  const variants = forms.map((form): Variant => {
    const { [tag]: own, ...others } = form.properties ?? {};
    const fields = fieldsIn({ ...form, properties: others }, root, levels - 1);
    return { value: String(own?.const), hint: form.description ?? "", fields };
  });
  return { kind: "variants", tag, variants };
}

/** Follows a reference and takes the one alternative beside `null`. */
function resolve(schema: Schema, root: Schema): Schema {
  if (schema.$ref) return resolve(root.$defs?.[schema.$ref.split("/").at(-1) ?? ""] ?? {}, root);
  const alternatives = (schema.anyOf ?? []).filter((one) => one.type !== "null");
  if (alternatives.length === 1 && alternatives[0]) return resolve(alternatives[0], root);
  return schema;
}

function kindOf(schema: Schema) {
  const choices = schema.enum ?? constants(schema);
  const type = Array.isArray(schema.type) ? schema.type.find((one) => one !== "null") : schema.type;
  if (choices) return { kind: "choice", choices: choices.filter((choice) => choice !== null) };
  if (type === "boolean") return { kind: "boolean" };
  if (type === "integer" || type === "number") {
    return { kind: "number", whole: type === "integer", min: schema.minimum, max: schema.maximum };
  }
  if (type === "string") return { kind: "text" };
  if (type === "array" && ["integer", "number"].includes(String(schema.items?.type))) return { kind: "numbers" };
  return { kind: "json" };
}

function constants(schema: Schema): unknown[] | undefined {
  const all = schema.oneOf?.flatMap((one) => one.enum ?? (one.const === undefined ? [] : [one.const]));
  return all && all.length > 0 ? all : undefined;
}

/** How a value stands in its field. */
export function shown(field: FieldOf, value: unknown): string {
  if (value === undefined || value === null) return "";
  if (field.kind === "numbers" && Array.isArray(value)) return value.join(", ");
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** What was typed as the schema wants it; what cannot be read goes to the server as text, which says what is wrong. */
export function typed(field: FieldOf, text: string): unknown {
  const trimmed = text.trim();
  if (trimmed === "") return undefined;
  switch (field.kind) {
    case "boolean":
      return trimmed === "true";
    case "number":
      return Number.isNaN(Number(trimmed)) ? text : Number(trimmed);
    case "numbers": {
      const parts = trimmed.replace(/^\[|\]$/g, "").split(/[\s,×x]+/).filter(Boolean).map(Number);
      return parts.some(Number.isNaN) ? text : parts;
    }
    case "choice":
      return field.choices.find((choice) => String(choice) === text) ?? text;
    case "text":
      return text;
    case "group":
    case "variants":
    case "json":
      return json(text);
  }
}

function json(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** The object that a group of fields edits; what is no object starts anew. */
export function objectOf(value: unknown): Values {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Values) : {};
}

/** An object with a changed member; one without members is left out. */
export function changedWithin(value: unknown, name: string, member: unknown): Values | undefined {
  const object = changed(objectOf(value), name, member);
  return Object.keys(object).length > 0 ? object : undefined;
}

/** An emptied field takes its default again. */
export function changed(values: Values, name: string, value: unknown): Values {
  const { [name]: _, ...rest } = values;
  return value === undefined ? rest : { ...rest, [name]: value };
}
