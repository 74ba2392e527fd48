import { type Command, Option } from 'commander';
import { addFormatOptions, type FormatOptions } from './output.ts';
import { addFlags } from './settings-flags.ts';
import { UsageError } from './usage-error.ts';

const HELP = `
Both work beside a service that runs. Moving a service from one store to another:
  $ faafo store copy file:///var/lib/faafo/images swift://pictures --database-url postgresql://…
  then set storage_url = swift://pictures, restart every API, and copy once more: that brings what came meanwhile.
A copy that was interrupted goes on when it is started again.

Examples:
  $ faafo store check --data-dir /var/lib/faafo
  $ faafo store check --deep -f json
  $ faafo store check --remove-orphans

Exit status: 0 nothing is missing or damaged, 1 something is.
`;

const MOST_AT_ONCE = 64;

export interface CopyFlags {
  readonly deep?: boolean;
  readonly atOnce: number;
}

export interface CheckFlags extends FormatOptions {
  readonly deep?: boolean;
  readonly removeOrphans?: boolean;
  readonly atOnce: number;
}

export function addStore(program: Command): void {
  const store = program
    .command('store')
    .description('move pictures between stores, compare them with the database')
    .addHelpText('after', HELP);
  const atOnce = () =>
    new Option('--at-once <number>', 'objects at the same time')
      .argParser((text: string) => {
        const number = Number(text);
        if (/^\d+$/.test(text) && number >= 1 && number <= MOST_AT_ONCE) return number;
        throw new UsageError(`--at-once: must be a whole number from 1 to ${MOST_AT_ONCE}, not '${text}'.`);
      })
      .default(4);
  addFlags(store.command('copy'), ['data_dir', 'database_url'])
    .description('copy every object that the database knows into another store')
    .argument('<from>', 'storage URL, as the setting storage_url has it')
    .argument('<to>', 'the other one')
    .option('--deep', 'read what is there already, too, instead of trusting its size')
    .addOption(atOnce())
    .action(async (from: string, to: string, flags: CopyFlags, self: Command) => {
      const { storeCopy } = await import('./store-copy.ts');
      await storeCopy(self, from, to, flags);
    });
  addFormatOptions(addFlags(store.command('check'), ['data_dir', 'database_url', 'storage_url']))
    .description('find objects that are missing or damaged, and such that nobody knows')
    .option('--deep', 'read every object, and compare its checksum')
    .option('--remove-orphans', 'remove what nobody knows and is older than a day')
    .addOption(atOnce())
    .action(async (flags: CheckFlags, self: Command) => {
      const { storeCheck } = await import('./store-check.ts');
      await storeCheck(self, flags);
    });
}
