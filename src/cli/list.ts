import { type Command, Option } from 'commander';
import { FORMULAS, type Formula } from '../domain/formulas.ts';
import { PALETTES, type Palette } from '../domain/palettes.ts';
import { FRACTAL_STATES, type FractalState } from '../domain/states.ts';
import type { FractalResource } from '../http/schemas.ts';
import { listColumns } from './fractal-columns.ts';
import { positiveInteger } from './numbers.ts';
import { addFormatOptions, type FormatOptions, formatList } from './output.ts';
import { openSession } from './session.ts';

const HELP = `
Examples:
  $ faafo list
  $ faafo list --state failed --long
  $ faafo list --formula tricorn --palette ember
  $ faafo list --limit 20 -f json
  $ faafo list --owner me
  $ faafo list -f value -c uuid | xargs faafo delete
`;

interface ListOptions extends FormatOptions {
  readonly state?: FractalState;
  readonly owner?: string;
  readonly formula?: Formula;
  readonly palette?: Palette;
  readonly limit?: number;
  readonly long?: boolean;
}

export function addList(program: Command): void {
  addFormatOptions(program.command('list').description('list fractals, newest first'))
    .addOption(new Option('--state <state>', 'only those in this state').choices(FRACTAL_STATES))
    .addOption(new Option('--formula <formula>', 'only those of this formula').choices(FORMULAS))
    .addOption(new Option('--palette <palette>', 'only those in these colours').choices(PALETTES))
    .option('--owner <name>', 'only those that this identity ordered; me: your own')
    .option('--limit <number>', 'only the newest so many (default: all)', positiveInteger)
    .option('--long', 'more columns')
    .addHelpText('after', HELP)
    .action(async ({ state, owner, formula, palette, limit, long, ...format }: ListOptions, command: Command) => {
      const { client } = await openSession(command);
      const fractals: FractalResource[] = [];
      const filter = {
        ...(state && { state }),
        ...(owner && { owner }),
        ...(formula && { formula }),
        ...(palette && { palette }),
      };
      for await (const fractal of client.listAll(filter, limit)) {
        fractals.push(fractal);
      }
      process.stdout.write(await formatList(fractals, listColumns(long === true), format));
    });
}
