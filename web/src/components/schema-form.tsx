// A form for options that are described by a JSON schema.
import { type FieldOf, type Values, changed, changedWithin, fieldsOf, objectOf, shown, typed } from "../lib/schema";
import { Field } from "./field";

type Props = { schema: unknown; values: Values; pointer: string; onChange: (values: Values) => void };

export function SchemaForm({ schema, values, pointer, onChange }: Props) {
  const fields = fieldsOf(schema);
  if (fields.length === 0) return <p className="quiet">No options.</p>;
  const set = (name: string, value: unknown) => onChange(changed(values, name, value));
  return <Options fields={fields} values={values} presets={{}} pointer={pointer} onChange={set} />;
}

type OptionsProps = { fields: FieldOf[]; values: Values; presets: Values; pointer: string; onChange: (name: string, value: unknown) => void };

/** Plain fields beside each other, nested objects below them. */
function Options({ fields, values, presets, pointer, onChange }: OptionsProps) {
  const isNested = (field: FieldOf) => field.kind === "group" || field.kind === "variants";
  const option = (field: FieldOf) => (
    <Option key={field.name} field={{ ...field, preset: presets[field.name] ?? field.preset }} value={values[field.name]} pointer={`${pointer}/${field.name}`}
      onChange={(value) => onChange(field.name, value)} />
  );
  return (
    <>
      <div className="fields">{fields.filter((field) => !isNested(field)).map(option)}</div>
      {fields.filter(isNested).map(option)}
    </>
  );
}

type OptionProps = { field: FieldOf; value: unknown; pointer: string; onChange: (value: unknown) => void };

const words = (name: string) => name.replaceAll("_", " ");

function Option({ field, value, pointer, onChange }: OptionProps) {
  if (field.kind === "group") return <Group field={field} value={value} pointer={pointer} onChange={onChange} />;
  if (field.kind === "variants") return <Variants field={field} value={value} pointer={pointer} onChange={onChange} />;
  const preset = shown(field, field.preset);
  return (
    <Field label={words(field.name)} pointer={pointer} hint={field.hint}>
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

type NestedProps<K extends FieldOf["kind"]> = { field: Extract<FieldOf, { kind: K }>; value: unknown; pointer: string; onChange: (value: unknown) => void };

function Group({ field, value, pointer, onChange }: NestedProps<"group">) {
  return (
    <fieldset className="group">
      <legend>{words(field.name)}</legend>
      {field.hint && <p className="hint">{field.hint}</p>}
      <Options fields={field.fields} values={objectOf(value)} presets={objectOf(field.preset)} pointer={pointer}
        onChange={(name, member) => onChange(changedWithin(value, name, member))} />
    </fieldset>
  );
}

/** An object of one of several forms: the tag is picked, and the fields of that form follow. */
function Variants({ field, value, pointer, onChange }: NestedProps<"variants">) {
  const preset = objectOf(field.preset);
  const picked = objectOf(value)[field.tag] ?? preset[field.tag];
  const variant = field.variants.find((one) => one.value === picked);
  const presets = preset[field.tag] === picked ? preset : {};
  const base = { [field.tag]: picked, ...presets, ...objectOf(value) };
  return (
    <fieldset className="group">
      <legend>{words(field.name)}</legend>
      {field.hint && <p className="hint">{field.hint}</p>}
      <Field label={words(field.tag)} pointer={`${pointer}/${field.tag}`} hint={variant?.hint}>
        {(control) => (
          <select {...control} value={String(picked ?? "")} onChange={(e) => onChange(e.target.value ? { [field.tag]: e.target.value } : undefined)}>
            {preset[field.tag] === undefined && <option value="">default</option>}
            {field.variants.map((one) => <option key={one.value}>{one.value}</option>)}
          </select>
        )}
      </Field>
      {variant && (
        <Options fields={variant.fields} values={objectOf(value)} presets={presets} pointer={pointer}
          onChange={(name, member) => onChange(changedWithin(base, name, member))} />
      )}
    </fieldset>
  );
}
