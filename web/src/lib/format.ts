// How numbers and times are written.

const counts = new Intl.NumberFormat("en", { maximumFractionDigits: 2 });
const compact = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 2 });

/** A metric as people read it: shares as per cent, large counts compact. */
export function metric(name: string, value: number | null | undefined): string {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  if (name.endsWith("top1")) return `${(value * 100).toFixed(2)} %`;
  if (name === "params" || name === "flops") return compact.format(value);
  if (Number.isInteger(value)) return counts.format(value);
  return Math.abs(value) < 0.001 ? value.toExponential(2) : value.toPrecision(4);
}

export function duration(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined) return "–";
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, "0")} s`;
  return `${Math.floor(whole / 3600)} h ${String(Math.floor((whole % 3600) / 60)).padStart(2, "0")} min`;
}

export function ago(time: string | null | undefined, now = Date.now()): string {
  if (!time) return "–";
  return `${duration((now - Date.parse(time)) / 1000)} ago`;
}

export function bytes(size: number): string {
  return size < 1024 ? `${size} B` : size < 1 << 20 ? `${(size / 1024).toFixed(1)} KiB` : `${(size / (1 << 20)).toFixed(1)} MiB`;
}

const NAMES: Record<string, string> = {
  top1: "Top-1", test_top1: "Test top-1", params: "Params", flops: "FLOPs", loss: "Loss", test_loss: "Test loss",
  train_top1: "Train top-1", train_loss: "Train loss", latency_ms: "Latency (ms)", train_seconds: "Training (s)", lr: "Learning rate",
  skip_count: "Skip connections", lambda_max: "Largest eigenvalue", expected_cost: "Expected cost",
};

/** A metric's name for people. */
export const label = (name: string) => NAMES[name] ?? name.replaceAll("_", " ");
