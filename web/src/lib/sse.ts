// Server-sent events as text: what a chunk of the stream adds. Pure.

export type ServerEvent = { kind: string; id?: string; data: string };

/** Complete events of a buffer, and the unfinished rest of it. */
export function parseEvents(buffer: string): { events: ServerEvent[]; rest: string } {
  const blocks = buffer.replaceAll("\r\n", "\n").split("\n\n");
  const rest = blocks.pop() ?? "";
  return { events: blocks.flatMap(parseBlock), rest };
}

function parseBlock(block: string): ServerEvent[] {
  const event: ServerEvent = { kind: "message", data: "" };
  let seen = false;
  for (const line of block.split("\n")) {
    const colon = line.indexOf(":");
    if (colon <= 0) continue; // A comment keeps the connection alive.
    const value = line.slice(colon + 1).replace(/^ /, "");
    const field = line.slice(0, colon);
    seen = true;
    if (field === "event") event.kind = value;
    if (field === "id") event.id = value;
    if (field === "data") event.data += event.data ? `\n${value}` : value;
  }
  return seen ? [event] : [];
}
