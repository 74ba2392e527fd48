import { formulaFacts } from './formulas.ts';
import { sampleAt } from './sampling.ts';
import { pixelBytes, type Spec } from './spec.ts';

/** Consecutive rows of a picture: [firstRow, lastRow). */
export interface Rows {
  readonly firstRow: number;
  readonly lastRow: number;
}

/**
 * What is drawn in one piece of work: a run of rows and, in a picture that is cut in mirrored pairs, the run that lies as far from the
 * bottom as the first from the top, so that what mirrors is counted once.
 */
export interface Band {
  readonly rows: Rows;
  readonly mirror: Rows | null;
}

/** How a picture is cut into bands; a function of its spec. */
export interface Cut {
  /** rows in the first run of every band but the last, which may be shorter; in a tapered cut, on average */
  readonly bandRows: number;
  readonly bands: number;
  /** whether every band has a mirror run: bands then go from the edges to the middle, and few of them are tapered */
  readonly mirrored: boolean;
}

/** So that even a small picture can be drawn by several threads. */
const SMALL_BAND_PIXELS = 2 ** 18;
/** Bytes of its pixels: a band is held in memory, on the worker and where it is delivered. */
export const MAX_BAND_BYTES = 2 ** 22;
/** What every band costs outside the engine weighs less in large ones; a picture this large has enough of them. */
const LARGE_BAND_SHARE = 1 / 16;
/** Points times iterations of a band: 0.8 s on one thread at most up to which a band may be large, and the most a band may have. */
const LARGE_BAND_COST = 2 ** 31;
const MAX_BAND_COST = 2 ** 34;
/** Below this share of mirroring points, pairs are not worth their second run. */
const MIN_MIRRORED_SHARE = 1 / 16;

/** So few mirrored bands, of so many rows at least, become thinner towards the middle. */
const MAX_TAPERED_BANDS = 8;
const MIN_TAPERED_ROWS = 8;

/** Cuts a picture: bands as large as the limits allow, at least one row. */
export function cutOf(spec: Spec): Cut {
  const { width, height } = spec;
  const rowCost = width * spec.iterations * spec.samples ** 2;
  const large = Math.min(
    MAX_BAND_BYTES / pixelBytes(spec),
    width * height * LARGE_BAND_SHARE,
    (LARGE_BAND_COST / rowCost) * width,
  );
  const byPixels = Math.floor(Math.max(SMALL_BAND_PIXELS, large) / width);
  const byCost = Math.floor(MAX_BAND_COST / rowCost);
  const rows = Math.max(1, Math.min(byPixels, byCost, height));
  if (rows < 2 || mirroredShare(spec) < MIN_MIRRORED_SHARE) {
    return { bandRows: rows, bands: Math.ceil(height / rows), mirrored: false };
  }
  // The first band of a tapered cut has up to 7/4 of the average.
  const bandRows = Math.max(1, Math.floor(Math.min(rows, (byCost * 4) / 7) / 2));
  return { bandRows, bands: Math.ceil(Math.ceil(height / 2) / bandRows), mirrored: true };
}

/**
 * The first row of a mirrored band, in the upper half of so many rows. What mirrors lies about its centre, and there orbits stay longest: bands of equal
 * heights would leave most of a small picture to the last one, and the other threads without work.
 */
function mirroredEdge(half: number, { bandRows, bands }: Cut, band: number): number {
  if (bands > MAX_TAPERED_BANDS || half < MIN_TAPERED_ROWS * bands) return Math.min(half, band * bandRows);
  return Math.floor((half * band * (7 * bands - 3 * band)) / (4 * bands ** 2));
}

/** The rows of band number `band` (from 0). */
export function bandOf(height: number, cut: Cut, band: number): Band {
  if (!cut.mirrored) {
    const firstRow = band * cut.bandRows;
    return { rows: { firstRow, lastRow: Math.min(height, firstRow + cut.bandRows) }, mirror: null };
  }
  const half = Math.ceil(height / 2);
  const rows = { firstRow: mirroredEdge(half, cut, band), lastRow: mirroredEdge(half, cut, band + 1) };
  // A middle row is its own image.
  const mirror = { firstRow: Math.max(half, height - rows.lastRow), lastRow: height - rows.firstRow };
  return { rows, mirror: mirror.firstRow < mirror.lastRow ? mirror : null };
}

/** Which sign change, if any, takes the upper half of the picture to the lower with every bit of the counts kept. */
export function pairing(spec: Spec): 'turn' | 'mirror' | null {
  const facts = formulaFacts(spec.formula);
  const symmetries = spec.c ? facts.juliaSymmetries(spec.power) : facts.symmetries(spec.power);
  if (symmetries.includes('mirror')) return 'mirror';
  return symmetries.includes('turn') ? 'turn' : null;
}

/** The share of all points whose image under the pairing is sampled, bit for bit: 0..0.5, as far as one can tell from single samples. */
function mirroredShare(spec: Spec): number {
  const { width, height, viewport } = spec;
  const kind = pairing(spec);
  if (kind === null || viewport.ya !== -viewport.yb) return 0;
  if (kind === 'turn' && viewport.xa !== -viewport.xb) return 0;
  const columns = kind === 'mirror' ? 1 : mirroring(width, viewport.xa, viewport.xb);
  return (columns * mirroring(height, viewport.ya, viewport.yb)) / 2;
}

/** The share of a side's samples that are the exact negatives of those opposite. */
function mirroring(count: number, a: number, b: number): number {
  let mirroringSamples = 0;
  for (let i = 0; i < count; i++) if (sampleAt(i, count, a, b) === -sampleAt(count - 1 - i, count, a, b)) mirroringSamples++;
  return mirroringSamples / count;
}
