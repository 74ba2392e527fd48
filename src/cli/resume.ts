import type { Command } from 'commander';
import { openSession } from './session.ts';

export function addResume(program: Command): void {
  program
    .command('resume')
    .description('let a paused queue go on')
    .addHelpText('after', '\nExample:\n  $ faafo resume\n')
    .action(async (_options, command: Command) => {
      const { client, note } = await openSession(command);
      await client.resume();
      note('the queue goes on');
    });
}
