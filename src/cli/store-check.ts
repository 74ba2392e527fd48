import type { Command } from 'commander';
import { checkStore, type StoreFinding } from '../actions/check-store.ts';
import { formatAmount, formatSpan } from './format-amount.ts';
import { interruption } from './interrupt.ts';
import { openRepository } from './open-repository.ts';
import { openStore } from './open-store.ts';
import { type Column, formatList } from './output.ts';
import { complain, Failed } from './run.ts';
import { loadSettings } from './settings.ts';
import { readFlags } from './settings-flags.ts';
import type { CheckFlags } from './store.ts';
import { StoreProgress } from './store-progress.ts';
import { trustAuthority } from './trust.ts';

/** A table of more is read by nobody; the counts tell of all. */
const MOST_SHOWN = 10_000;
const LOSSES: readonly StoreFinding['problem'][] = ['missing', 'size', 'damaged'];

const COLUMNS: readonly Column<StoreFinding>[] = [
  { name: 'Problem', cell: ({ problem }) => problem },
  { name: 'Name', cell: ({ name }) => name },
  { name: 'Fractal', cell: ({ fractal }) => fractal },
  { name: 'Size', cell: ({ sizeBytes }) => sizeBytes, text: ({ sizeBytes }) => `${formatAmount(sizeBytes ?? 0)}B` },
  {
    name: 'Age',
    cell: ({ ageMs }) => (ageMs === null ? null : Math.round(ageMs / 1000)),
    text: ({ ageMs }) => formatSpan((ageMs ?? 0) / 1000),
  },
  { name: 'Removed', cell: ({ removed }) => removed },
];

/** `faafo store check`. @throws {Fault} {UsageError} {Failed} when something is missing or damaged */
export async function storeCheck(
  command: Command,
  { deep = false, removeOrphans = false, atOnce, ...format }: CheckFlags,
): Promise<void> {
  const settings = loadSettings(readFlags(command));
  trustAuthority(settings.ca_file);
  const signal = interruption();
  await using opened = new AsyncDisposableStack();
  const repository = opened.use(await openRepository(settings, complain, { beside: true }));
  const store = opened.use(await openStore(settings.storage_url, repository, { beside: true, look: true }));
  const findings: StoreFinding[] = [];
  const counts = new Map<string, number>();
  let fractals = 0;
  {
    using progress = new StoreProgress(await repository.ledger.count());
    await checkStore({
      ledger: repository.ledger,
      store,
      atOnce,
      deep,
      removeOrphans,
      signal,
      onFinding: (finding) => {
        counts.set(finding.problem, (counts.get(finding.problem) ?? 0) + 1);
        if (findings.length < MOST_SHOWN) findings.push(finding);
      },
      onFractals: (count) => {
        fractals += count;
        progress.fractals(count);
      },
    });
  }
  process.stdout.write(await formatList(findings, COLUMNS, format));
  const said = [...counts].map(([problem, count]) => `${count} ${problem}`).join(', ') || 'nothing is wrong';
  process.stderr.write(`${fractals} fractals looked at: ${said}\n`);
  if (LOSSES.some((problem) => counts.has(problem))) throw new Failed();
}
