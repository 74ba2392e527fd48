import { type Command, InvalidArgumentError, Option } from 'commander';
import { MAX_WHY } from '../domain/repository.ts';
import { openSession } from './session.ts';

const HELP = `
Orders are taken as ever, and wait. Bands in work are drawn to their end. It holds
for every API, and until somebody says faafo resume, also through restarts.

Examples:
  $ faafo pause --why "new disks, until noon"
  $ faafo status -f value -c paused_since
`;

/** @throws {InvalidArgumentError} */
function shortWords(text: string): string {
  if (text.trim() === '' || text.length > MAX_WHY) throw new InvalidArgumentError(`Say it in 1 to ${MAX_WHY} characters.`);
  return text;
}

export function addPause(program: Command): void {
  program
    .command('pause')
    .description('pause the queue: nothing more is drawn until it goes on')
    .addOption(new Option('--why <words>', 'for those who wait: shown by faafo status and on the page').argParser(shortWords))
    .addHelpText('after', HELP)
    .action(async ({ why }: { readonly why?: string }, command: Command) => {
      const { client, note } = await openSession(command);
      const { since } = await client.pause({ ...(why !== undefined && { why }) });
      note(`paused since ${since}`);
    });
}
