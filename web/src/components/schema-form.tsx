// A form for options that are described by a JSON schema of flat properties.
import { type FieldOf, type Values, changed, fieldsOf, shown, typed } from "../lib/schema";
import { Field } from "./field";

type Props = { schema: unknown; values: Values; pointer: string; onChange: (values: Values) => void };

export function SchemaForm({ schema, values, pointer, onChange }: Props) {
  const fields = fieldsOf(schema);
  if (fields.length === 0) return <p className="quiet">No options.</p>;
  return (
    <div className="fields">
      {fields.map((field) => (
        <Option key={field.name} field={field} value={values[field.name]} pointer={`${pointer}/${field.name}`}
          onChange={(value) => onChange(changed(values, field.name, value))} />
      ))}
    </div>
  );
}

type OptionProps = { field: FieldOf; value: unknown; pointer: string; onChange: (value: unknown) => void };

function Option({ field, value, pointer, onChange }: OptionProps) {
  const preset = shown(field, field.preset);
  return (
    <Field label={field.name.replaceAll("_", " ")} pointer={pointer} hint={field.hint}>
      {(control) => {
        const common = { ...control, value: shown(field, value), required: field.required && field.preset === undefined };
        const set = (text: string) => onChange(typed(field, text));
        switch (field.kind) {
          case "boolean":
            return <input {...control} type="checkbox" checked={Boolean(value ?? field.preset)} onChange={(e) => onChange(e.target.checked)} />;
          case "choice":
            return (
              <select {...common} onChange={(e) => set(e.target.value)}>
                <option value="">{preset ? `${preset} (default)` : "default"}</option>
                {field.choices.map((choice) => <option key={String(choice)}>{String(choice)}</option>)}
              </select>
            );
          case "number":
            return <input {...common} type="number" min={field.min} max={field.max} step={field.whole ? 1 : "any"} placeholder={preset} onChange={(e) => set(e.target.value)} />;
          case "numbers":
          case "text":
          case "json":
            return <input {...common} placeholder={preset} autoComplete="off" onChange={(e) => set(e.target.value)} />;
        }
      }}
    </Field>
  );
}
