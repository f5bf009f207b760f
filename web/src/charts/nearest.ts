// Which dot is meant; pure.

/** Index of the place nearest to a point, if one is within `reach`. */
export function nearest(places: readonly (readonly [number, number])[], x: number, y: number, reach: number): number | undefined {
  let found: number | undefined;
  let least = reach * reach;
  places.forEach(([px, py], index) => {
    const distance = (px - x) ** 2 + (py - y) ** 2;
    if (distance <= least) [found, least] = [index, distance];
  });
  return found;
}
