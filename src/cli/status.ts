import type { Command } from 'commander';
import { FRACTAL_STATES } from '../domain/states.ts';
import type { FarmStatus } from '../http/farm-schemas.ts';
import { formatAmount, formatSpan } from './format-amount.ts';
import { localTime } from './local-time.ts';
import { addFormatOptions, type Column, type FormatOptions, formatRecord } from './output.ts';
import { complain } from './run.ts';
import { openSession } from './session.ts';

const HELP = `
Examples:
  $ faafo status
  $ faafo status -f json
  $ faafo status -f value -c bands_waiting
`;

const ROWS: readonly Column<FarmStatus>[] = [
  ...FRACTAL_STATES.map((state) => ({ name: state, cell: ({ fractals }: FarmStatus) => fractals[state] })),
  { name: 'bands_waiting', cell: ({ bands }) => bands.waiting },
  { name: 'bands_leased', cell: ({ bands }) => bands.leased },
  { name: 'oldest_waiting', cell: (s) => s.oldest_waiting, text: (s) => formatSpan(s.oldest_waiting ?? 0) },
  { name: 'outstanding_steps', cell: (s) => s.outstanding_steps, text: (s) => formatAmount(s.outstanding_steps) },
  { name: 'stored_bytes', cell: (s) => s.stored_bytes, text: (s) => formatAmount(s.stored_bytes) },
  { name: 'workers', cell: ({ workers }) => workers.count },
  { name: 'threads', cell: ({ workers }) => workers.threads },
  {
    name: 'bands_per_second',
    cell: ({ throughput }) => throughput.bands_per_second,
    text: ({ throughput }) => formatAmount(throughput.bands_per_second),
  },
  {
    name: 'steps_per_second',
    cell: ({ throughput }) => throughput.steps_per_second,
    text: ({ throughput }) => formatAmount(throughput.steps_per_second),
  },
  { name: 'pictures_checked', cell: ({ scrub }) => scrub.checked },
  { name: 'found_damaged', cell: ({ scrub }) => scrub.damaged },
  { name: 'found_missing', cell: ({ scrub }) => scrub.missing },
  {
    name: 'all_checked_at',
    cell: ({ scrub }) => scrub.finished_at,
    text: ({ scrub }) => (scrub.finished_at === null ? '-' : localTime(new Date(scrub.finished_at))),
  },
  {
    name: 'paused_since',
    cell: ({ pause }) => pause?.since ?? null,
    text: ({ pause }) => (pause ? localTime(new Date(pause.since)) : '-'),
  },
  { name: 'paused_by', cell: ({ pause }) => pause?.by ?? null },
  { name: 'paused_why', cell: ({ pause }) => pause?.why ?? null },
  { name: 'queue_depth', cell: ({ queue }) => queue?.depth ?? null, text: ({ queue }) => String(queue?.depth) },
];

export function addStatus(program: Command): void {
  addFormatOptions(program.command('status').description('show what is ordered, who draws, and how fast'))
    .addHelpText('after', HELP)
    .action(async (options: FormatOptions, command: Command) => {
      const { client } = await openSession(command);
      const status = await client.status();
      process.stdout.write(await formatRecord(status, ROWS, options));
      if (status.pause) complain('the queue is paused: orders are kept, and drawn after faafo resume.');
      if (!status.queue) complain('the work queue cannot be reached: orders are kept, and drawn when it is back.');
    });
}
