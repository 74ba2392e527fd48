import type { Reading } from '../api/farm.ts';

export const HOUR_MS = 3600_000;
/** Readings come every ten seconds; a longer silence is a gap. */
const GAP_MS = 25_000;

/** What is shown in one plot. */
export interface Measure {
  readonly title: string;
  readonly of: (reading: Reading) => number;
  readonly text: (value: number) => string;
  /** behind the value */
  readonly unit?: string;
}

/** @param until the right edge, milliseconds since 1970 @returns 0 an hour before it, 1 at it */
export const shareAt = (at: string, until: number): number => 1 - (until - Date.parse(at)) / HOUR_MS;

/** Readings that follow each other without a gap. */
export function pieces(readings: readonly Reading[]): Reading[][] {
  const found: Reading[][] = [];
  let last = Number.NEGATIVE_INFINITY;
  for (const reading of readings) {
    const at = Date.parse(reading.at);
    if (at - last > GAP_MS) found.push([]);
    found.at(-1)!.push(reading);
    last = at;
  }
  return found;
}

/** Spans in which the queue was paused, as shares of the hour. */
export function pausedSpans(readings: readonly Reading[], until: number): { readonly from: number; readonly to: number }[] {
  const spans: { from: number; to: number }[] = [];
  let isOn = false;
  for (const { at, paused } of readings) {
    const share = shareAt(at, until);
    if (paused && !isOn) spans.push({ from: share, to: share });
    if (paused) spans.at(-1)!.to = share + 10_000 / HOUR_MS;
    isOn = paused;
  }
  return spans;
}

/** The same readings, and those that came since; none older than an hour. */
export function extend(before: readonly Reading[], fresh: readonly Reading[]): Reading[] {
  const all = [...before, ...fresh];
  const last = all.at(-1);
  const oldest = last ? Date.parse(last.at) - HOUR_MS : 0;
  return all.filter(({ at }) => Date.parse(at) > oldest);
}

/** The next of 1, 2, 5, 10, 20 …: a scale that moves seldom. @param least the lowest top */
export function topOf(values: readonly number[], least = 1): number {
  const most = Math.max(least, ...values);
  const power = 10 ** Math.floor(Math.log10(most));
  return power * ([1, 2, 5].find((step) => step * power >= most) ?? 10);
}
