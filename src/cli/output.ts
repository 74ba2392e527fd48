import { type Command, Option } from 'commander';
import { UsageError } from './usage-error.ts';

const FORMATS = ['table', 'json', 'yaml', 'csv', 'value'] as const;
export type Format = (typeof FORMATS)[number];
export type Cell = string | number | boolean | null;

/** One column of a list, or one row of a record. */
export interface Column<T> {
  readonly name: string;
  /** for programs: plain numbers, null where there is nothing */
  readonly cell: (item: T) => Cell;
  /** for people, in tables; the cell itself by default */
  readonly text?: (item: T) => string;
  /** printed only when asked for by name (and, for records, in json and yaml) */
  readonly hidden?: boolean;
}

export interface FormatOptions {
  /** undefined when none was given */
  readonly format?: Format;
  readonly column: readonly string[];
}

/** -f and -c, as the OpenStack client has them. */
export function addFormatOptions(command: Command): Command {
  return command
    .addOption(new Option('-f, --format <format>', 'how to print (default: table)').choices(FORMATS))
    .addOption(
      new Option('-c, --column <name>', 'print only this column; may be given several times')
        .argParser((name: string, all: readonly string[]) => [...all, name])
        .default([], 'the usual ones'),
    );
}

/** A list with a heading, one line per item. @throws {UsageError} on an unknown column */
export async function formatList<T>(items: readonly T[], columns: readonly Column<T>[], options: FormatOptions): Promise<string> {
  const chosen = choose(columns, options.column, false);
  const rows = items.map((item) => chosen.map(({ cell }) => cell(item)));
  const names = chosen.map(({ name }) => name);
  switch (options.format ?? 'table') {
    case 'table':
      return formatTable(
        names,
        items.map((item) => chosen.map((column) => textOf(column, item))),
      );
    case 'csv':
      return formatCsv(names, rows);
    case 'value':
      return rows.map((row) => `${row.map(plain).join(' ')}\n`).join('');
    default:
      return formatObjects(
        items.map((item) => objectOf(chosen, item)),
        options.format,
      );
  }
}

/** One item: one line for each of its columns. @throws {UsageError} on an unknown column */
export async function formatRecord<T>(item: T, columns: readonly Column<T>[], options: FormatOptions): Promise<string> {
  const format = options.format ?? 'table';
  const chosen = choose(columns, options.column, format === 'json' || format === 'yaml');
  switch (format) {
    case 'table':
      return formatTable(
        ['Parameter', 'Value'],
        chosen.map((column) => [column.name, textOf(column, item)]),
      );
    case 'csv':
      return formatCsv(
        chosen.map(({ name }) => name),
        [chosen.map(({ cell }) => cell(item))],
      );
    case 'value':
      return chosen.map(({ cell }) => `${plain(cell(item))}\n`).join('');
    default:
      return formatObjects(objectOf(chosen, item), format);
  }
}

const normal = (name: string): string => name.toLowerCase().replace(/[ -]/g, '_');

function choose<T>(columns: readonly Column<T>[], wanted: readonly string[], all: boolean): readonly Column<T>[] {
  if (wanted.length === 0) return columns.filter(({ hidden }) => all || !hidden);
  return wanted.map((name) => {
    const column = columns.find((each) => normal(each.name) === normal(name));
    if (column) return column;
    throw new UsageError(`There is no column '${name}'; there are ${columns.map((each) => each.name).join(', ')}.`);
  });
}

const plain = (cell: Cell): string => (cell === null ? '-' : String(cell));

function textOf<T>({ cell, text }: Column<T>, item: T): string {
  const value = cell(item);
  return value === null || !text ? plain(value) : text(item);
}

const objectOf = <T>(columns: readonly Column<T>[], item: T): Record<string, Cell> =>
  Object.fromEntries(columns.map(({ name, cell }) => [name, cell(item)]));

/** Borders as the Fractals application draws them. */
function formatTable(heading: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = heading.map((name, i) => rows.reduce((width, row) => Math.max(width, row[i]!.length), name.length));
  const border = `+${widths.map((width) => '-'.repeat(width + 2)).join('+')}+\n`;
  const line = (cells: readonly string[]): string => `| ${cells.map((cell, i) => cell.padEnd(widths[i]!)).join(' | ')} |\n`;
  return border + line(heading) + border + rows.map(line).join('') + (rows.length > 0 ? border : '');
}

async function formatObjects(value: unknown, format: Format | undefined): Promise<string> {
  if (format === 'json') return `${JSON.stringify(value, null, 2)}\n`;
  const { stringify } = await import('yaml');
  return stringify(value);
}

async function formatCsv(names: readonly string[], rows: readonly (readonly Cell[])[]): Promise<string> {
  const { stringify } = await import('csv-stringify/sync');
  return stringify([[...names], ...rows.map((row) => [...row])], { quoted_string: true });
}
