import type { FractalResource } from '../http/schemas.ts';
import { localTime } from './local-time.ts';
import type { Column } from './output.ts';

type FractalColumn = Column<FractalResource>;

const dimensions = (f: FractalResource): string => `${f.width} x ${f.height}`;
const time = (text: string | null): string => (text === null ? '-' : localTime(new Date(text)));

/** `-0.8+0.156i`; null for formulas whose c is the pixel. */
export function formatC({ c_re, c_im }: Pick<FractalResource, 'c_re' | 'c_im'>): string | null {
  if (c_re === null || c_im === null) return null;
  return `${c_re}${c_im < 0 || Object.is(c_im, -0) ? '-' : '+'}${Math.abs(c_im)}i`;
}

/** Rows of `faafo show`: those of the Fractals application first, in its order. */
export const RECORD_COLUMNS: readonly FractalColumn[] = [
  { name: 'uuid', cell: (f) => f.uuid },
  { name: 'duration', cell: (f) => f.duration, text: (f) => `${f.duration?.toFixed(6)} seconds` },
  { name: 'dimensions', cell: dimensions, text: (f) => `${dimensions(f)} pixels` },
  { name: 'iterations', cell: (f) => f.iterations },
  { name: 'xa', cell: (f) => f.xa },
  { name: 'xb', cell: (f) => f.xb },
  { name: 'ya', cell: (f) => f.ya },
  { name: 'yb', cell: (f) => f.yb },
  { name: 'size', cell: (f) => f.size, text: (f) => `${f.size} bytes` },
  { name: 'checksum', cell: (f) => f.checksum },
  { name: 'generated_by', cell: (f) => f.generated_by },
  { name: 'c', cell: formatC },
  { name: 'state', cell: (f) => f.state },
  { name: 'progress', cell: (f) => f.progress, text: (f) => `${Math.floor(f.progress * 100)} %` },
  { name: 'formula', cell: (f) => f.formula },
  { name: 'power', cell: (f) => f.power },
  { name: 'palette', cell: (f) => f.palette },
  { name: 'density', cell: (f) => f.density },
  { name: 'offset', cell: (f) => f.offset },
  { name: 'interior', cell: (f) => f.interior },
  { name: 'shade', cell: (f) => f.shade },
  { name: 'samples', cell: (f) => f.samples },
  { name: 'seed', cell: (f) => f.seed },
  { name: 'c_source', cell: (f) => f.c_source },
  { name: 'bands', cell: (f) => f.bands },
  { name: 'owner', cell: (f) => f.owner },
  { name: 'created_at', cell: (f) => f.created_at, text: (f) => time(f.created_at) },
  { name: 'finished_at', cell: (f) => f.finished_at, text: (f) => time(f.finished_at) },
  { name: 'error', cell: (f) => f.error },
  { name: 'width', cell: (f) => f.width, hidden: true },
  { name: 'height', cell: (f) => f.height, hidden: true },
  { name: 'c_re', cell: (f) => f.c_re, hidden: true },
  { name: 'c_im', cell: (f) => f.c_im, hidden: true },
  { name: 'url', cell: (f) => f.url, hidden: true },
];

const HEADINGS: Readonly<Record<string, string>> = { uuid: 'UUID', size: 'Filesize', c: 'c' };
const SHORT_LIST = ['uuid', 'dimensions', 'size', 'state'];
const LONG_LIST = [...SHORT_LIST, 'formula', 'iterations', 'duration', 'generated_by', 'owner', 'created_at'];

/** Columns of `faafo list`; all of them can be asked for by name. @param long with more of them shown unasked */
export function listColumns(long: boolean): readonly FractalColumn[] {
  const shown = long ? LONG_LIST : SHORT_LIST;
  const rank = (name: string): number => (shown.includes(name) ? shown.indexOf(name) : shown.length);
  return RECORD_COLUMNS.toSorted((a, b) => rank(a.name) - rank(b.name)).map((column) => ({
    ...column,
    name: HEADINGS[column.name] ?? heading(column.name),
    hidden: !shown.includes(column.name),
  }));
}

const heading = (name: string): string => name.replaceAll('_', ' ').replace(/^./, (letter) => letter.toUpperCase());
