// A drawing that the server made, as an element of this page (so that it takes the theme's colours).

const ACTIVE = "script, foreignObject, iframe, use, image, a";

/** Reads an SVG document; whatever could run or load something is left out. */
export function readSvg(text: string): SVGSVGElement | undefined {
  const root = new DOMParser().parseFromString(text, "image/svg+xml").documentElement;
  if (!(root instanceof SVGSVGElement)) return undefined;
  root.querySelectorAll(ACTIVE).forEach((element) => element.remove());
  for (const element of [root, ...root.querySelectorAll("*")]) {
    for (const { name } of [...element.attributes]) if (name.startsWith("on") || name.endsWith("href")) element.removeAttribute(name);
  }
  return document.importNode(root, true);
}
