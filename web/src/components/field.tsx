// A labelled field with its hint and its fault.
import { type ReactNode, createContext, use, useId } from "react";
import type { Fault } from "../api/client";
import { faultAt } from "../lib/draft";

/** What the server found wrong with the document that the form sent. */
export const Faults = createContext<Fault[]>([]);

type Control = { id: string; "aria-invalid": boolean; "aria-describedby"?: string };
type Props = { label: string; pointer: string; hint?: ReactNode; children: (control: Control) => ReactNode };

export function Field({ label, pointer, hint, children }: Props) {
  const own = useId();
  const id = pointer ? `field${pointer.replaceAll("/", "-")}` : own;
  const fault = faultAt(use(Faults), pointer || "\0");
  const described = [hint && `${id}-hint`, fault && `${id}-fault`].filter(Boolean).join(" ") || undefined;
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {children({ id, "aria-invalid": fault !== undefined, "aria-describedby": described })}
      {hint && <p className="hint" id={`${id}-hint`}>{hint}</p>}
      {fault && <p className="fault" id={`${id}-fault`}>{fault}</p>}
    </div>
  );
}

type TextProps = { label: string; pointer: string; value: string; onChange: (value: string) => void; hint?: ReactNode; list?: string[] };

export function TextField({ label, pointer, value, onChange, hint, list }: TextProps) {
  return (
    <Field label={label} pointer={pointer} hint={hint}>
      {(control) => (
        <>
          <input {...control} value={value} list={list && `${control.id}-list`} autoComplete="off" onChange={(event) => onChange(event.target.value)} />
          {list && <datalist id={`${control.id}-list`}>{list.map((name) => <option key={name} value={name} />)}</datalist>}
        </>
      )}
    </Field>
  );
}

export function NumberField({ label, pointer, value, onChange, hint, min = 0, step = "any" }: TextProps & { min?: number; step?: number | "any" }) {
  return (
    <Field label={label} pointer={pointer} hint={hint}>
      {(control) => <input {...control} type="number" min={min} step={step} value={value} onChange={(event) => onChange(event.target.value)} />}
    </Field>
  );
}

type PickOption = { value: string; text: string; group?: string };

/** Options by group, in the order in which the groups first stand. */
function groupsOf(options: PickOption[]): [string, PickOption[]][] {
  const groups = new Map<string, PickOption[]>();
  for (const option of options) groups.set(option.group ?? "", [...(groups.get(option.group ?? "") ?? []), option]);
  return [...groups];
}

export function PickField({ label, pointer, value, onChange, hint, options }: TextProps & { options: PickOption[] }) {
  return (
    <Field label={label} pointer={pointer} hint={hint}>
      {(control) => (
        <select {...control} value={value} onChange={(event) => onChange(event.target.value)}>
          {groupsOf(options).map(([group, members]) => {
            const items = members.map((option) => <option key={option.value} value={option.value}>{option.text}</option>);
            return group ? <optgroup key={group} label={group}>{items}</optgroup> : items;
          })}
        </select>
      )}
    </Field>
  );
}

/** A fault of a whole group, such as a budget without any limit. */
export function GroupFault({ pointer }: { pointer: string }) {
  const fault = use(Faults).find((one) => one.pointer === pointer);
  return fault ? <p className="fault" role="alert">{fault.detail}</p> : null;
}
