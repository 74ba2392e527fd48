import { execFileSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import type { Findings } from './checker.ts';

/** What became of one scene. */
export interface Row {
  readonly fault: number;
  readonly name: string;
  /** how often, or why it could not be injected here */
  readonly injected: number | string;
  readonly kills: number;
  /** from the first order to the judgement: the fault with all that belongs to it, and what healing and the checker took; seconds */
  readonly seconds: { readonly play: number; readonly check: number };
  readonly findings: Findings;
  /** what was measured */
  readonly notes: readonly string[];
}

export interface Run {
  readonly seed: number;
  readonly pass: string;
  /** milliseconds since 1970 */
  readonly startedAt: number;
  readonly rows: readonly Row[];
}

const BUILD = new URL('../../../build/', import.meta.url);
const HEADINGS = [
  'fault',
  'name',
  'injected',
  'kills',
  'orders',
  'lost',
  'doubled',
  'play s',
  'check s',
  'recovery s',
  'wrong',
] as const;

/** The row as a table shows it. */
export const cellsOf = ({ fault, name, injected, kills, seconds, findings }: Row) => ({
  fault,
  name,
  injected,
  kills,
  orders: findings.orders,
  lost: findings.lost,
  doubled: findings.doubled,
  'play s': Math.round(seconds.play),
  'check s': Math.round(seconds.check),
  'recovery s': Math.round(findings.recoveryMs / 100) / 10,
  wrong: findings.wrong.length,
});

export function totalsOf({ rows, startedAt }: Run) {
  const total = (count: (row: Row) => number) => rows.reduce((sum, row) => sum + count(row), 0);
  return {
    minutes: Math.round((Date.now() - startedAt) / 6000) / 10,
    kills: total((row) => row.kills),
    orders: total((row) => row.findings.orders),
    lost: total((row) => row.findings.lost),
    doubled: total((row) => row.findings.doubled),
    wrong: total((row) => row.findings.wrong.length),
  };
}

/** Writes the run into build/NAME.json, for programs, and build/NAME.md, for docs/reliability.md. */
export async function writeReport(name: string, run: Run): Promise<void> {
  await mkdir(BUILD, { recursive: true });
  const { seed, pass, rows } = run;
  await writeFile(new URL(`${name}.json`, BUILD), `${JSON.stringify({ seed, pass, ...totalsOf(run), rows }, null, 2)}\n`);
  await writeFile(new URL(`${name}.md`, BUILD), markdownOf(run));
}

/** Date, commit and seed, the table, and what was measured. */
function markdownOf(run: Run): string {
  const { seed, pass, startedAt, rows } = run;
  const { minutes, kills, orders, lost, doubled, wrong } = totalsOf(run);
  const line = (cells: readonly (string | number)[]) =>
    `| ${cells.map((cell) => String(cell).replaceAll('|', '\\|')).join(' | ')} |`;
  const notes = rows.flatMap(({ fault, notes, findings }) => [
    ...notes.map((note) => `- ${fault}: ${note}`),
    ...findings.wrong.map((sentence) => `- ${fault}: **wrong**: ${sentence.split('\n')[0]}`),
  ]);
  const sentences = [
    `${new Date(startedAt).toISOString().slice(0, 10)}, commit ${commit()}, seed ${seed}, ${pass} pass, ${minutes} minutes:`,
    `${orders} orders answered 201, ${kills} processes killed, ${lost} lost, ${doubled} doubled, ${wrong} wrong.`,
  ];
  const table = [line(HEADINGS), line(HEADINGS.map(() => '---')), ...rows.map((row) => line(Object.values(cellsOf(row))))];
  return `${sentences.join('\n')}\n\n${table.join('\n')}\n${notes.length > 0 ? `\n${notes.join('\n')}\n` : ''}`;
}

function commit(): string {
  try {
    const git = (...words: string[]) => execFileSync('git', words, { cwd: BUILD, encoding: 'utf8', stdio: 'pipe' }).trim();
    return (
      git('rev-parse', '--short', 'HEAD') + (git('status', '--porcelain', '--untracked-files=no') === '' ? '' : ' with changes')
    );
  } catch {
    return 'unknown';
  }
}
