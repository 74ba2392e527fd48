import type { Command } from 'commander';
import { RECORD_COLUMNS } from './fractal-columns.ts';
import { addFormatOptions, type FormatOptions, formatRecord } from './output.ts';
import { resolveUuid } from './resolve-uuid.ts';
import { openSession } from './session.ts';

const HELP = `
Examples:
  $ faafo show 154c7b41-108e-4696-a059-1bde9bf03d0a
  $ faafo show 154c                       any beginning that is unambiguous
  $ faafo show 154c -f value -c checksum
`;

export function addShow(program: Command): void {
  addFormatOptions(program.command('show').description('show all there is to know about a fractal'))
    .argument('<uuid>', 'the fractal; the beginning of its uuid is enough')
    .addHelpText('after', HELP)
    .action(async (text: string, options: FormatOptions, command: Command) => {
      const { client } = await openSession(command);
      const fractal = await client.find(await resolveUuid(client, text));
      process.stdout.write(await formatRecord(fractal, RECORD_COLUMNS, options));
    });
}
