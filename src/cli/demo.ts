import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import { Unreachable } from '../http/unreachable.ts';
import { drawView } from './draw-view.ts';
import { positiveInteger, seconds } from './numbers.ts';
import { complain } from './run.ts';
import { openSession } from './session.ts';

const HELP = `
Examples:
  $ faafo demo                            one every 5 seconds, until Ctrl-C
  $ faafo demo --count 12 --interval 0
`;

const REST_MS = 5_000;

export function addDemo(program: Command): void {
  program
    .command('demo')
    .description('order random fractals that are worth seeing, for ever')
    .option('--count <number>', 'stop after so many (default: go on for ever)', positiveInteger)
    .option('--interval <seconds>', 'rest between two orders', seconds, 5)
    .addHelpText('after', HELP)
    .action(async ({ count = Number.POSITIVE_INFINITY, interval }: { count?: number; interval: number }, command: Command) => {
      const { client, signal } = await openSession(command);
      const rest = (ms: number): Promise<void> => sleep(ms, undefined, { signal }).catch(() => signal.throwIfAborted());
      for (let placed = 0; placed < count; ) {
        const { name, ...view } = drawView(Math.random);
        const order = { uuid: crypto.randomUUID(), ...view };
        try {
          await client.order(order);
          process.stdout.write(`${order.uuid} ${name}\n`);
          placed++;
        } catch (error) {
          // A demo outlives the restarts of its API.
          if (!(error instanceof Unreachable) || placed === 0) throw error;
          complain(`${error.message} Trying again.`);
          await rest(REST_MS);
          continue;
        }
        if (placed < count) await rest(interval * 1000);
      }
    });
}
