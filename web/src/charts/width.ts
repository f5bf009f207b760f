// How wide a drawing may be: it follows its place on the page, so that its text keeps its size.
import { type RefObject, useLayoutEffect, useState } from "react";

const START = 560;

export function useWidth(place: RefObject<HTMLElement | null>): number {
  const [width, setWidth] = useState(START);
  useLayoutEffect(() => {
    const element = place.current;
    if (!element) return;
    const measure = () => setWidth(Math.max(200, Math.floor(element.clientWidth)));
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, [place]);
  return width;
}
