import type { BandRange, HostShare } from '../domain/fractal.ts';

/** A text column of MariaDB has room for as many, whatever their names. */
const MOST_NAMED = 200;
/** What it has room for, in bytes, with some to spare. */
const LONGEST = 60_000;

type Written = readonly [host: string, bands: number, renderMs: number, ranges?: string];

/** The hosts that drew most of a picture, as a row keeps them. Which bands it was is left out where there is no room: thousands that many hosts drew in turns. */
export function sharesText(shares: readonly HostShare[]): string {
  const named = shares.slice(0, MOST_NAMED);
  const short = named.map(({ host, bands, renderMs }): Written => [host, bands, Math.round(renderMs * 1000) / 1000]);
  const whole = JSON.stringify(short.map((share, i) => [...share, rangesText(named[i]?.ranges ?? [])]));
  return Buffer.byteLength(whole) <= LONGEST ? whole : JSON.stringify(short);
}

/** The inverse of sharesText. */
export function sharesOfText(text: string): HostShare[] {
  const written = JSON.parse(text) as Written[];
  return written.map(([host, bands, renderMs, ranges]) => ({
    host,
    bands,
    renderMs,
    ranges: ranges === undefined ? null : rangesOf(ranges),
  }));
}

/** `0-3,7` */
const rangesText = (ranges: readonly BandRange[]): string =>
  ranges.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join();

const rangesOf = (text: string): BandRange[] =>
  text.split(',').map((range): BandRange => {
    const [first = 0, last = first] = range.split('-').map(Number);
    return [first, last];
  });
