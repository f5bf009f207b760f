// The drawing of a network, to move and to enlarge: by wheel, by dragging, by buttons and by keys.
import { useQuery } from "@tanstack/react-query";
import { type KeyboardEvent, type PointerEvent, useEffect, useRef, useState } from "react";
import { getText } from "../api/client";
import { readSvg } from "../lib/svg";
import { Fetched } from "./parts";

type View = { x: number; y: number; scale: number };
const START: View = { x: 0, y: 0, scale: 1 };
const STEP = 60;

export function Drawing({ trial }: { trial: string }) {
  const query = useQuery({ queryKey: ["graph", trial], queryFn: () => getText(`/v1/trials/${trial}/graph`), staleTime: Infinity });
  return (
    <section className="card">
      <h2>Network</h2>
      <Fetched query={query}>{(svg) => <Canvas svg={svg} />}</Fetched>
    </section>
  );
}

function Canvas({ svg }: { svg: string }) {
  const frame = useRef<HTMLDivElement>(null);
  const sheet = useRef<HTMLDivElement>(null);
  const [view, setView] = useState(START);
  const zoom = (factor: number) => setView((v) => ({ ...v, scale: Math.min(4, Math.max(0.1, v.scale * factor)) }));
  const move = (x: number, y: number) => setView((v) => ({ ...v, x: v.x + x, y: v.y + y }));
  const fit = () => {
    const drawn = sheet.current?.querySelector("svg");
    const width = Number(drawn?.getAttribute("width") ?? 0);
    const room = frame.current?.clientWidth ?? 0;
    const scale = width > 0 ? Math.min(1, room / width) : 1;
    setView({ scale, y: 0, x: Math.max(0, (room - width * scale) / 2) });
  };
  useEffect(() => {
    const drawing = readSvg(svg);
    sheet.current?.replaceChildren(...(drawing ? [drawing] : []));
    fit();
  }, [svg]);
  useWheel(frame, zoom);
  const drag = (event: PointerEvent) => {
    if (event.buttons === 1) move(event.movementX, event.movementY);
  };
  const keys = (event: KeyboardEvent) => {
    const act: Record<string, () => void> = {
      "+": () => zoom(1.2), "-": () => zoom(1 / 1.2), "0": fit,
      ArrowLeft: () => move(STEP, 0), ArrowRight: () => move(-STEP, 0), ArrowUp: () => move(0, STEP), ArrowDown: () => move(0, -STEP),
    };
    const chosen = act[event.key];
    if (!chosen) return;
    event.preventDefault();
    chosen();
  };
  return (
    <>
      <div className="tools">
        <button type="button" aria-label="Enlarge" onClick={() => zoom(1.25)}>+</button>
        <button type="button" aria-label="Reduce" onClick={() => zoom(0.8)}>−</button>
        <button type="button" onClick={fit}>Fit</button>
        <span className="quiet">Drag to move, Ctrl and wheel to enlarge; arrow keys, + and − too.</span>
      </div>
      <div className="drawing" ref={frame} tabIndex={0} role="application" aria-label="Drawing of the network: arrow keys move it, plus and minus enlarge and reduce it"
        onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)} onPointerMove={drag} onKeyDown={keys}>
        <div className="sheet" ref={sheet} style={{ transform: `translate(${view.x}px, ${view.y}px) scale(${view.scale})` }} />
      </div>
    </>
  );
}

/** Ctrl and wheel enlarge. A listener of its own, since React's cannot keep the page from zooming. */
function useWheel(frame: React.RefObject<HTMLDivElement | null>, zoom: (factor: number) => void) {
  useEffect(() => {
    const element = frame.current;
    const wheel = (event: WheelEvent) => {
      if (!event.ctrlKey) return;
      event.preventDefault();
      zoom(event.deltaY < 0 ? 1.1 : 1 / 1.1);
    };
    element?.addEventListener("wheel", wheel, { passive: false });
    return () => element?.removeEventListener("wheel", wheel);
  });
}
