// A form for options that are described by a JSON schema of flat properties.
import { useId } from "react";

export type Values = Record<string, unknown>;
type Property = { type?: string | string[]; description?: string; default?: unknown; enum?: unknown[]; anyOf?: Property[]; oneOf?: Property[]; const?: unknown };
type Props = { schema: unknown; values: Values; onChange: (values: Values) => void };

export function SchemaForm({ schema, values, onChange }: Props) {
  const properties = (schema as { properties?: Record<string, Property> }).properties ?? {};
  const names = Object.keys(properties);
  if (names.length === 0) return <p className="quiet">No options.</p>;
  return (
    <div className="fields">
      {names.map((name) => (
        <Field key={name} name={name} property={properties[name] ?? {}} value={values[name]}
          onChange={(value) => onChange(changed(values, name, value))} />
      ))}
    </div>
  );
}

/** An emptied field takes its default again. */
export function changed(values: Values, name: string, value: unknown): Values {
  const { [name]: _, ...rest } = values;
  return value === undefined ? rest : { ...rest, [name]: value };
}

/** What was typed, as the schema wants it: JSON where it can be read so, else text. */
export function typed(text: string): unknown {
  if (text.trim() === "") return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

type FieldProps = { name: string; property: Property; value: unknown; onChange: (value: unknown) => void };

function Field({ name, property, value, onChange }: FieldProps) {
  const id = useId();
  const preset = property.default === undefined || property.default === null ? "default" : JSON.stringify(property.default);
  const shown = value === undefined ? "" : typeof value === "string" ? value : JSON.stringify(value);
  return (
    <div className="field">
      <label htmlFor={id}>{name}</label>
      {property.type === "boolean" ? (
        <input id={id} type="checkbox" checked={Boolean(value ?? property.default)} onChange={(e) => onChange(e.target.checked)} />
      ) : (
        <input id={id} value={shown} placeholder={preset} onChange={(e) => onChange(typed(e.target.value))} />
      )}
      {property.description && <p className="hint">{property.description}</p>}
    </div>
  );
}
