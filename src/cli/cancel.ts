import type { Command } from 'commander';
import { forEachFractal } from './each-fractal.ts';
import { resolveUuid } from './resolve-uuid.ts';
import { openSession } from './session.ts';

export function addCancel(program: Command): void {
  program
    .command('cancel')
    .description('stop drawing fractals; their rows stay')
    .argument('<uuid...>', 'the fractals; the beginnings of their uuids are enough')
    .addHelpText('after', '\nExample:\n  $ faafo cancel 154c7b41\n')
    .action(async (words: string[], _options, command: Command) => {
      const { client, note } = await openSession(command);
      await forEachFractal(words, async (word) => {
        const { uuid } = await client.cancel(await resolveUuid(client, word));
        note(`cancelled ${uuid}`);
      });
    });
}
