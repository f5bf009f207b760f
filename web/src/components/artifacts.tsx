// Files to take away.
import { useMutation } from "@tanstack/react-query";
import { type TrialDetail, download } from "../api/client";
import { bytes } from "../lib/format";
import { Failure } from "./parts";

type Artifact = TrialDetail["artifacts"][number];

const FILES: Record<string, { file: string; text: string }> = {
  weights: { file: "weights.safetensors", text: "Weights (safetensors)" },
  description: { file: "network.json", text: "Network description (JSON)" },
  torchscript: { file: "model.pt", text: "Model (TorchScript)" },
};

export function Artifacts({ artifacts }: { artifacts: Artifact[] }) {
  const save = useMutation({ mutationFn: (a: Artifact) => download(`/v1/artifacts/${a.id}`, FILES[a.name]?.file ?? a.name) });
  return (
    <>
      <ul className="artifacts" aria-label="Files">
        {artifacts.map((artifact) => (
          <li key={artifact.id}>
            <button type="button" onClick={() => save.mutate(artifact)} title={`sha256 ${artifact.sha256}`}>
              ↓ {FILES[artifact.name]?.text ?? artifact.name} <span className="quiet">{bytes(artifact.size)}</span>
            </button>
          </li>
        ))}
      </ul>
      {save.error && <Failure error={save.error} />}
    </>
  );
}
