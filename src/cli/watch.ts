import { type Command, Option } from 'commander';
import type { EventMessage } from '../http/schemas.ts';
import { localTime } from './local-time.ts';
import { complain } from './run.ts';
import { openSession } from './session.ts';

const HELP = `
Ends with Ctrl-C. With -f json each line is one JSON object.

Examples:
  $ faafo watch
  $ faafo watch -f json | jq --unbuffered -r 'select(.type == "done").uuid'
`;

export function addWatch(program: Command): void {
  program
    .command('watch')
    .description('follow what happens to all fractals, live')
    .addOption(new Option('-f, --format <format>', 'how to print').choices(['text', 'json']).default('text'))
    .addHelpText('after', HELP)
    .action(async ({ format }: { format: 'text' | 'json' }, command: Command) => {
      const { client, note } = await openSession(command);
      const print = format === 'json' ? JSON.stringify : formatEvent;
      let broken = false;
      for await (const item of client.events()) {
        if (item.kind === 'event') process.stdout.write(`${print(item.event)}\n`);
        else if (item.kind === 'reset') complain('some events were missed: the API has lost its history.');
        else if (item.kind === 'open') note(broken ? 'connected again' : 'connected');
        else if (!broken) complain(`${item.fault.message} Trying again.`);
        broken = item.kind === 'broken';
      }
    });
}

/** `2026-04-02 03:55:02 154c7b41-108e-4696-a059-1bde9bf03d0a progress   45 %` */
export function formatEvent({ type, uuid, progress, at }: EventMessage): string {
  const share = type === 'progress' ? ` ${String(Math.floor(progress * 100)).padStart(3)} %` : '';
  return `${localTime(new Date(at))} ${uuid} ${type}${share}`;
}
