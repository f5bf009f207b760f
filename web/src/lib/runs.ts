// What the dashboard shows of runs: tables of probabilities, signs of collapse, words. Pure.
import type { Decision, Run, RunCurve } from "../api/client";

/** Probabilities of the decisions of one part of a network: rows are edges or layers, columns operators. */
export type Distribution = {
  title: string;
  columns: string[];
  rows: { id: string; name: string }[];
  /** Epochs for which there are values, ascending. */
  steps: number[];
  /** By step, row and column; a row without an operator has a gap there. */
  values: (number | undefined)[][][];
  /** The largest value of all epochs. */
  most: number;
};

type Row = { id: string; labels: string[]; courses: (RunCurve | undefined)[] };

/** Distributions by group of decisions; decisions without curves are left out. */
export function distributions(decisions: Decision[], curves: RunCurve[]): Distribution[] {
  const byName = new Map(curves.map((curve) => [curve.metric, curve]));
  const tables: { group: string; columns: string[]; rows: Row[] }[] = [];
  for (const decision of decisions) {
    const courses = decision.labels.map((label) => byName.get(`p/${decision.id}/${label}`));
    if (courses.every((course) => course === undefined)) continue;
    const labels = shortLabels(decision.labels);
    // Widths and operators of one group stand apart: they have no column in common.
    let table = tables.find((one) => one.group === decision.group && labels.some((label) => one.columns.includes(label)));
    if (!table) tables.push((table = { group: decision.group, columns: [], rows: [] }));
    for (const label of labels) if (!table.columns.includes(label)) table.columns.push(label);
    table.rows.push({ id: decision.id, labels, courses });
  }
  return tables.map(({ group, columns, rows }) => {
    const steps = [...new Set(rows.flatMap((row) => row.courses.flatMap((course) => course?.steps ?? [])))].sort((a, b) => a - b);
    const values = valuesOf(steps, columns, rows);
    const most = values.flat(2).reduce<number>((a, b) => Math.max(a, b ?? 0), 0);
    return { title: titleOf(group), columns, rows: names(rows, group), steps, values, most };
  });
}

function valuesOf(steps: number[], columns: string[], rows: Row[]): (number | undefined)[][][] {
  const places = new Map(steps.map((step, index) => [step, index]));
  const values = steps.map(() => rows.map(() => columns.map((): number | undefined => undefined)));
  rows.forEach((row, r) =>
    row.courses.forEach((course, l) => {
      const column = columns.indexOf(row.labels[l] ?? "");
      course?.steps.forEach((step, i) => {
        const cells = values[places.get(step) ?? 0]?.[r];
        if (cells) cells[column] = course.values[i];
      });
    }),
  );
  return values;
}

/** `network.cells.normal` is the normal cell. */
function titleOf(group: string): string {
  const cell = /\.cells\.([^.[]+)$/.exec(group)?.[1];
  if (cell === "cell") return "Cell";
  if (cell) return `${cell.charAt(0).toUpperCase()}${cell.slice(1)} cell`;
  return group ? group.replace(/^network\./, "") : "Layers";
}

/** Rows without what all of them share; an edge by its node and the state that it reads. */
function names(rows: Row[], group: string): { id: string; name: string }[] {
  return rows.map(({ id }) => {
    const rest = (group && id.startsWith(group) ? id.slice(group.length) : id).replace(/^\.?(network\.)?/, "").replace(/\.op$/, "");
    const chosen = /^nodes\[(\d+)\]\[=(\d+)\/\d+\]$/.exec(rest) ?? /^nodes\[(\d+)\]\[(\d+)\]$/.exec(rest);
    if (chosen) return { id, name: `node ${chosen[1]} ← ${chosen[2]}` };
    const layer = /^layers\[(\d+)\]$/.exec(rest);
    return { id, name: layer ? `layer ${layer[1]}` : rest };
  });
}

/** Labels that are documents become words: the operator, and what tells it from its like. */
export function shortLabels(labels: string[]): string[] {
  const documents = labels.map(parse);
  const short = labels.map((label, i) => {
    const document = documents[i];
    if (!document) return label;
    const alike = documents.filter((other) => other !== undefined && other["op"] === document["op"]);
    const telling = Object.keys(document).filter((key) => alike.some((other) => JSON.stringify(other?.[key]) !== JSON.stringify(document[key])));
    const told = telling.sort().map((key) => `${key.replaceAll("_", " ")} ${plain(document[key])}`);
    return [String(document["op"] ?? ""), ...told].filter(Boolean).join(" ");
  });
  return new Set(short).size === labels.length ? short : labels;
}

const plain = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value));

function parse(label: string): Record<string, unknown> | undefined {
  if (!label.startsWith("{")) return undefined;
  try {
    return JSON.parse(label) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

/** Growth of the largest eigenvalue over so many epochs that counts as a sign of collapse. */
const GROWTH = 1.3;
const WINDOW = 5;

/** Sentences about signs that the search runs into a poor architecture; none while all is well. */
export function alarms(curves: RunCurve[], edges: number | null | undefined): string[] {
  const found: string[] = [];
  const skips = curves.find((curve) => curve.metric === "skip_count");
  const last = skips?.values.at(-1);
  if (last !== undefined && edges && last > edges / 2) {
    found.push(
      `${last} of ${edges} edges are skip connections since epoch ${since(skips, edges / 2)}: they train fastest, so a search that has run too long prefers them to operators that learn more. Take the architecture of an earlier epoch, or limit skip connections.`,
    );
  }
  const grown = growth(curves.find((curve) => curve.metric === "lambda_max"));
  if (grown) {
    found.push(
      `The largest eigenvalue of the validation loss has grown ${grown.factor.toFixed(2)} times up to epoch ${grown.step} (within ${WINDOW} epochs): the search sits in a sharp minimum, and the discrete network will do worse than the supernet. Stop before this epoch, or regularise more.`,
    );
  }
  return found;
}

/** The first epoch from which on the values stay above. */
function since(curve: RunCurve | undefined, bound: number): number {
  const below = curve?.values.findLastIndex((value) => value <= bound) ?? -1;
  return curve?.steps[below + 1] ?? 0;
}

/** The first time that the eigenvalue has grown too much. */
function growth(curve: RunCurve | undefined): { step: number; factor: number } | undefined {
  if (!curve) return undefined;
  for (const [i, step] of curve.steps.entries()) {
    const value = curve.values[i] ?? 0;
    for (let j = i - 1; j >= 0 && step - (curve.steps[j] ?? 0) <= WINDOW; j -= 1) {
      const before = curve.values[j] ?? 0;
      if (before > 0 && value / before > GROWTH) return { step, factor: value / before };
    }
  }
  return undefined;
}

const WORDS: Record<string, string> = { queued: "waiting", held: "paused", leased: "running" };

/** The state in the words that trials use. */
export const stateOf = (run: Run) => WORDS[run.state] ?? run.state;

/** Why the last attempt ended, in one sentence; nothing for a run without trouble. */
export function troubleOf(run: Run): string {
  const words = [run.reason?.replaceAll("_", " "), run.detail].filter(Boolean).join(": ");
  if (!words) return "";
  return run.ended_at ? words : `Attempt ${run.attempt} ended with ${words}. It is tried again.`;
}
