// Keys that lead to pages, and the list of them.
import { useEffect, useRef } from "react";
import { useNavigate } from "react-router";

const KEYS = [
  { key: "s", to: "/", text: "Studies" },
  { key: "n", to: "/new", text: "New study" },
  { key: "w", to: "/workers", text: "Workers" },
  { key: "l", to: "/latencies", text: "Latency tables" },
];

/** Typing into a field is no shortcut. */
const isTyping = (target: EventTarget | null) =>
  target instanceof HTMLElement && (target.isContentEditable || ["INPUT", "SELECT", "TEXTAREA"].includes(target.tagName));

export function Shortcuts() {
  const navigate = useNavigate();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      if (event.key === "?") return dialog.current?.showModal();
      const found = KEYS.find((one) => one.key === event.key);
      if (!found) return;
      dialog.current?.close();
      void navigate(found.to);
    };
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  }, [navigate]);
  return (
    <>
      <button type="button" className="plain" aria-label="Keyboard shortcuts" onClick={() => dialog.current?.showModal()}>?</button>
      <dialog ref={dialog} aria-labelledby="shortcuts">
        <h2 id="shortcuts">Keyboard</h2>
        <dl>
          {KEYS.map((one) => <div key={one.key}><dt><kbd>{one.key}</kbd></dt><dd>{one.text}</dd></div>)}
          <div><dt><kbd>?</kbd></dt><dd>This list</dd></div>
        </dl>
        <form method="dialog"><button type="submit">Close</button></form>
      </dialog>
    </>
  );
}
