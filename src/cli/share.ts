import { type Command, InvalidArgumentError, Option } from 'commander';
import { resolveUuid } from './resolve-uuid.ts';
import { openSession } from './session.ts';
import { spanInSeconds } from './span.ts';
import { UsageError } from './usage-error.ts';

const WEEK_S = 7 * 86_400;
const LONGEST_S = 366 * 86_400;

const HELP = `
Whoever has the link needs no token, and sees this one fractal alone. Links
cannot be withdrawn one by one: the fractal's deletion ends its own, and
--withdraw-all all there are (for an admin; who is signed in on the web page
signs in again).

Examples:
  $ faafo share 154c7b41
  $ faafo share 154c7b41 --expires 2h --image
`;

interface ShareOptions {
  /** seconds */
  readonly expires: number;
  readonly image?: true;
  readonly withdrawAll?: true;
}

/** @throws {InvalidArgumentError} */
function linkSpan(text: string): number {
  const seconds = spanInSeconds(text);
  if (seconds === null || seconds > LONGEST_S) throw new InvalidArgumentError('A link is good for 366d at most.');
  return seconds;
}

export function addShare(program: Command): void {
  program
    .command('share')
    .description('make a link that shows a fractal without a token')
    .argument('[uuid]', 'the fractal; the beginning of its uuid is enough')
    .addOption(
      new Option('--expires <span>', 'how long the link is good: 7d, 12h, 30m; a year at most')
        .argParser(linkSpan)
        .default(WEEK_S, '7d'),
    )
    .option('--image', 'of the picture alone, for other pages and programs')
    .option('--withdraw-all', 'make all links that were ever made good for nothing')
    .addHelpText('after', HELP)
    .action(async (word: string | undefined, { expires, image, withdrawAll }: ShareOptions, command: Command) => {
      if ((word === undefined) === (withdrawAll === undefined)) {
        throw new UsageError('Name one fractal: faafo share UUID; or say --withdraw-all, alone.');
      }
      const { client, note } = await openSession(command);
      if (word === undefined) {
        await client.withdrawShares();
        note('all links are withdrawn');
        return;
      }
      const uuid = await resolveUuid(client, word);
      const { url, expires_at } = await client.share(uuid, { what: image ? 'image' : 'page', expires_in: expires });
      process.stdout.write(`${client.endpoint}${url}\n`);
      note(`good until ${expires_at}`);
    });
}
