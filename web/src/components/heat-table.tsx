// Numbers as shades: a table, so that it can be read without seeing the shades.
type Props = { label: string; columns: string[]; rows: string[]; values: (number | undefined)[][]; low?: number; high?: number; text?: (value: number) => string; strongest?: boolean };

const plain = (value: number) => value.toPrecision(3);

export function HeatTable({ label, columns, rows, values, low, high, text = plain, strongest = false }: Props) {
  const all = values.flat().filter((value) => value !== undefined);
  const from = low ?? all.reduce((a, b) => Math.min(a, b), Infinity);
  const to = high ?? all.reduce((a, b) => Math.max(a, b), -Infinity);
  const share = (value: number) => Math.round(((value - from) / (to - from || 1)) * 75);
  return (
    <div className="scroll" tabIndex={0} role="region" aria-label={label}>
      <table className="heatmap">
        <caption className="visually-hidden">{label}</caption>
        <thead><tr><td />{columns.map((name) => <th key={name} scope="col">{name.replaceAll("_", " ")}</th>)}</tr></thead>
        <tbody>
          {rows.map((row, i) => {
            const cells = values[i] ?? [];
            // Of equal ones the first, which is the one that is derived.
            const most = strongest ? cells.reduce((best: number, value, j) => ((value ?? -Infinity) > (cells[best] ?? -Infinity) ? j : best), 0) : -1;
            return (
              <tr key={row}>
                <th scope="row">{row}</th>
                {columns.map((name, j) => {
                  const value = cells[j];
                  if (value === undefined) return <td key={name}>–</td>;
                  const style = { background: `color-mix(in srgb, var(--heat) ${share(value)}%, transparent)` };
                  return <td key={name} style={style} className={j === most ? "most" : undefined}>{text(value)}</td>;
                })}
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
