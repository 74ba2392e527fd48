import type { Command } from 'commander';
import { PRESETS, type Preset } from '../domain/presets.ts';
import { addFormatOptions, type Column, type FormatOptions, formatList } from './output.ts';

const HELP = `
Examples:
  $ faafo create --preset seahorse-valley
  $ faafo render --preset burning-ship --width 3840 --height 2160 --samples 3 -o ship.png
`;

const COLUMNS: readonly Column<Preset>[] = [
  { name: 'Name', cell: ({ name }) => name },
  { name: 'Title', cell: ({ title }) => title },
  {
    name: 'Formula',
    cell: ({ formula, power, c }) => `${formula}${power ? ` ${power}` : ''}${c && formula !== 'julia' ? ', Julia' : ''}`,
  },
  { name: 'Iterations', cell: ({ iterations }) => iterations },
  { name: 'Palette', cell: ({ palette }) => palette },
];

export function addPresets(program: Command): void {
  addFormatOptions(program.command('presets').description('list views worth seeing'))
    .addHelpText('after', HELP)
    .action(async (options: FormatOptions) => {
      process.stdout.write(await formatList(PRESETS, COLUMNS, options));
    });
}
