import { createInterface } from 'node:readline/promises';
import type { Command } from 'commander';
import { forEachFractal } from './each-fractal.ts';
import { resolveUuid } from './resolve-uuid.ts';
import { complain, Failed } from './run.ts';
import { openSession } from './session.ts';

const HELP = `
In a terminal it asks first; in a script it does not.

Examples:
  $ faafo delete 154c7b41-108e-4696-a059-1bde9bf03d0a
  $ faafo delete 154c 9f50 --yes
`;

export function addDelete(program: Command): void {
  program
    .command('delete')
    .description('delete fractals, with their pictures')
    .argument('<uuid...>', 'the fractals; the beginnings of their uuids are enough')
    .option('-y, --yes', 'do not ask')
    .addHelpText('after', HELP)
    .action(async (words: string[], { yes }: { yes?: boolean }, command: Command) => {
      const { client, signal, note } = await openSession(command);
      const uuids: string[] = [];
      let allFound = true;
      await forEachFractal(words, async (word) => void uuids.push(await resolveUuid(client, word))).catch((error) => {
        if (!(error instanceof Failed)) throw error;
        allFound = false;
      });
      const chosen = [...new Set(uuids)];
      if (chosen.length > 0 && !yes && !(await confirm(chosen, signal))) {
        complain('nothing was deleted.');
        throw new Failed();
      }
      await forEachFractal(chosen, async (uuid) => {
        await client.remove(uuid);
        note(`deleted ${uuid}`);
      });
      if (!allFound) throw new Failed();
    });
}

/** Asks when there is a person at a terminal to answer; scripts mean what they say. */
async function confirm(uuids: readonly string[], signal: AbortSignal): Promise<boolean> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return true;
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    if (uuids.length > 1) process.stderr.write(`${uuids.join('\n')}\n`);
    const what = uuids.length === 1 ? `fractal ${uuids[0]}` : `these ${uuids.length} fractals`;
    terminal.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
    const answer = await terminal.question(`Delete ${what}? [y/N] `, { signal });
    return /^y(es)?$/i.test(answer.trim());
  } catch (error) {
    process.stderr.write('\n');
    signal.throwIfAborted();
    throw error;
  } finally {
    terminal.close();
  }
}
