import type { Command } from 'commander';
import { forEachFractal } from './each-fractal.ts';
import { resolveUuid } from './resolve-uuid.ts';
import { openSession } from './session.ts';

const HELP = `
Examples:
  $ faafo retry 154c7b41
  $ faafo list --state failed -f value -c uuid | xargs faafo retry
`;

export function addRetry(program: Command): void {
  program
    .command('retry')
    .description('draw fractals again that have failed')
    .argument('<uuid...>', 'the fractals; the beginnings of their uuids are enough')
    .addHelpText('after', HELP)
    .action(async (words: string[], _options, command: Command) => {
      const { client, note } = await openSession(command);
      await forEachFractal(words, async (word) => {
        const { uuid, state } = await client.retry(await resolveUuid(client, word));
        note(`tried again: ${uuid} is ${state}`);
      });
    });
}
