import type { Command } from 'commander';
import { Fault } from '../domain/fault.ts';
import type { FractalResource } from '../http/schemas.ts';
import { download } from './download.ts';
import { resolveUuid } from './resolve-uuid.ts';
import { openSession, type Session } from './session.ts';
import { UsageError } from './usage-error.ts';
import { waitFor } from './wait-for.ts';

const HELP = `
The file appears when it is whole and its checksum is right, and replaces an
older one of that name.

Examples:
  $ faafo get 154c                        writes 154c7b41-108e-4696-a059-1bde9bf03d0a.png
  $ faafo get 154c --wait -o fractal.png
  $ faafo get 154c -o - | display
`;

interface GetOptions {
  readonly output?: string;
  readonly wait?: boolean;
}

export function addGet(program: Command): void {
  program
    .command('get')
    .description('download a picture')
    .argument('<uuid>', 'the fractal; the beginning of its uuid is enough')
    .option('-o, --output <file>', 'where to write it; - means standard output (default: UUID.png)')
    .option('--wait', 'wait until it is drawn')
    .addHelpText('after', HELP)
    .action(async (text: string, { output, wait }: GetOptions, command: Command) => {
      if (output === '-' && process.stdout.isTTY) {
        throw new UsageError('a picture would only garble the terminal: name a file (-o FILE), or send it through a pipe.');
      }
      const session = await openSession(command);
      const uuid = await resolveUuid(session.client, text);
      const fractal = await findDrawn(session, uuid, wait === true);
      const path = await download(session, fractal, output ?? `${uuid}.png`);
      session.note(`wrote ${path}, ${fractal.size} bytes`);
    });
}

async function findDrawn(session: Session, uuid: string, wait: boolean): Promise<FractalResource> {
  const fractal = await session.client.find(uuid);
  if (fractal.state === 'done') return fractal;
  if (fractal.state === 'failed')
    throw new Fault('gone', `${uuid} has no picture, drawing it failed: ${fractal.error ?? 'unknown reason'}`);
  if (fractal.state === 'cancelled') throw new Fault('gone', `${uuid} has no picture: it was cancelled.`);
  if (!wait) {
    const percent = Math.floor(fractal.progress * 100);
    throw new Fault('not_found', `${uuid} is not drawn yet (${fractal.state}, ${percent} %): add --wait to wait for it.`);
  }
  await waitFor(session, [uuid]);
  return session.client.find(uuid);
}
