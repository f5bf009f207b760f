// What to take away: the best candidate beside the baseline, tested once on images that the search never saw.
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { type Study, type Trial, type TrialDetail, get } from "../api/client";
import { metric } from "../lib/format";
import { finals, valueOf } from "../lib/trials";
import { Artifacts } from "./artifacts";

const COLUMNS = [["test_top1", "Test top-1"], ["test_loss", "Test loss"], ["params", "Params"], ["flops", "FLOPs"]] as const;

export function Result({ study }: { study: Study }) {
  const query = useQuery({ queryKey: ["best", study.id], queryFn: () => get<Trial[]>(`/v1/studies/${study.id}/best`) });
  const trials = (query.data ?? []).filter((trial) => trial.final);
  const { best, baseline } = finals(trials);
  if (!best) return null;
  return (
    <section className="card result" aria-labelledby="result">
      <h2 id="result">Result on the test set</h2>
      <p className="lead">{verdict(best, baseline)}</p>
      <div className="scroll" tabIndex={0} role="region" aria-label="Table of results">
        <table>
          <thead><tr><th>Network</th>{COLUMNS.map(([name, text]) => <th key={name} className="number">{text}</th>)}</tr></thead>
          <tbody>
            {trials.map((trial) => (
              <tr key={trial.id}>
                <td><Link to={`/trials/${trial.id}`}>{trial.baseline ? "hand-made baseline" : "best candidate"}</Link></td>
                {COLUMNS.map(([name]) => <td key={name} className="number">{metric(name, valueOf(trial, name))}</td>)}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {best.state === "completed" && <Downloads trial={best} />}
    </section>
  );
}

/** One sentence that compares the two. */
function verdict(best: Trial, baseline: Trial | undefined): string {
  const [ours, theirs] = [valueOf(best, "test_top1"), baseline && valueOf(baseline, "test_top1")];
  if (ours === undefined) return "The best candidate is being trained for the test.";
  if (theirs === undefined) return `The best candidate reaches ${metric("test_top1", ours)} on images that the search never saw.`;
  const points = Math.abs((ours - theirs) * 100).toFixed(2);
  const flops = (valueOf(best, "flops") ?? 0) / (valueOf(baseline as Trial, "flops") || Infinity);
  const cost = flops > 0 ? `, with ${flops.toPrecision(2)} times its FLOPs` : "";
  return `${metric("test_top1", ours)}: ${points} points ${ours >= theirs ? "above" : "below"} the hand-made baseline${cost}.`;
}

function Downloads({ trial }: { trial: Trial }) {
  const query = useQuery({ queryKey: ["trial", trial.id], queryFn: () => get<TrialDetail>(`/v1/trials/${trial.id}`) });
  return query.data ? <Artifacts artifacts={query.data.artifacts} /> : null;
}
