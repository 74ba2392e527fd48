import type { HostShare } from './fractal.ts';

/** One drawn band, and who drew it. */
export interface DrawnBand {
  readonly band: number;
  readonly host: string;
  readonly renderMs: number;
}

/** Who drew which bands, and how long that took. @param bands by number, ascending @returns those who drew most first, then by name */
export function sharesOf(bands: Iterable<DrawnBand>): HostShare[] {
  const shares = new Map<string, { host: string; bands: number; renderMs: number; ranges: [first: number, last: number][] }>();
  for (const { band, host, renderMs } of bands) {
    const share = shares.get(host) ?? { host, bands: 0, renderMs: 0, ranges: [] };
    shares.set(host, share);
    share.bands++;
    share.renderMs += renderMs;
    const last = share.ranges.at(-1);
    if (last && last[1] === band - 1) last[1] = band;
    else share.ranges.push([band, band]);
  }
  return [...shares.values()].sort((a, b) => b.bands - a.bands || (a.host < b.host ? -1 : 1));
}
