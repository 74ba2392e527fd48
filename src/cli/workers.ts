import type { Command } from 'commander';
import type { WorkerResource } from '../http/farm-schemas.ts';
import { formatAmount, formatSpan } from './format-amount.ts';
import { localTime } from './local-time.ts';
import { addFormatOptions, type Column, type FormatOptions, formatList } from './output.ts';
import { openSession } from './session.ts';

const HELP = `
Workers that were not heard of for 15 seconds are left out.

Examples:
  $ faafo workers
  $ faafo workers -f value -c host -c doing
  $ faafo workers -c id -c uptime -c steps/s
`;

/** More would make the table too wide for a terminal. */
const NAMED_BANDS = 2;

const COLUMNS: readonly Column<WorkerResource>[] = [
  { name: 'Host', cell: ({ host }) => host },
  { name: 'State', cell: ({ state }) => state },
  { name: 'Threads', cell: ({ threads }) => threads },
  { name: 'Load', cell: ({ load }) => load, text: ({ load }) => load.toFixed(2) },
  { name: 'Bands', cell: ({ bands }) => bands },
  { name: 'Bands/s', cell: (worker) => worker.bands_per_second, text: (worker) => formatAmount(worker.bands_per_second) },
  { name: 'Doing', cell: (worker) => doing(worker), text: (worker) => String(doing(worker, NAMED_BANDS)) },
  { name: 'ID', cell: ({ id }) => id, hidden: true },
  { name: 'Version', cell: ({ version }) => version, hidden: true },
  { name: 'Engine', cell: (worker) => worker.engine_version, hidden: true },
  { name: 'Cores', cell: ({ cores }) => cores, hidden: true },
  { name: 'Steps/s', cell: (worker) => worker.steps_per_second, text: (w) => formatAmount(w.steps_per_second), hidden: true },
  { name: 'Uptime', cell: ({ uptime }) => uptime, text: ({ uptime }) => formatSpan(uptime), hidden: true },
  { name: 'Seen at', cell: (worker) => worker.seen_at, text: (worker) => localTime(new Date(worker.seen_at)), hidden: true },
];

/** `154c7b41 band 3 (2 s), 9f50aa01 band 0 (0 s)`; null when it has nothing in its hands. @param most how many bands to name */
function doing({ work }: WorkerResource, most = Number.POSITIVE_INFINITY): string | null {
  if (work.length === 0) return null;
  const named = work.slice(0, most).map(({ uuid, band, seconds }) => `${uuid.slice(0, 8)} band ${band} (${formatSpan(seconds)})`);
  return `${named.join(', ')}${work.length > most ? ` and ${work.length - most} more` : ''}`;
}

export function addWorkers(program: Command): void {
  addFormatOptions(program.command('workers').description('list the workers, and what each does'))
    .addHelpText('after', HELP)
    .action(async (options: FormatOptions, command: Command) => {
      const { client } = await openSession(command);
      const { objects } = await client.workers();
      process.stdout.write(await formatList(objects, COLUMNS, options));
    });
}
