import { Command } from 'commander';
import { prepare, run } from './run.ts';
import { loadWorkerSettings } from './settings.ts';
import { addClientFlags, addWorkerFlags, readFlags } from './settings-flags.ts';

const HELP = `
Draws for an API on another machine. endpoint_url is the address where that API
lets workers in. SIGTERM: takes no more, finishes what it can in 25 s, gives the
rest back.

Example:
  $ faafo-worker --endpoint-url http://10.0.0.1:8081 --transport-url amqp://faafo:secret@10.0.0.3:5672/
`;

const program = addWorkerFlags(addClientFlags(prepare(new Command('faafo-worker'))))
  .description('Fractals as a service: a worker on its own.')
  .addHelpText('after', HELP)
  .action(async (_options, self: Command) => {
    const settings = loadWorkerSettings(readFlags(self));
    const { drawForOthers } = await import('./draw-for-others.ts');
    await drawForOthers(settings);
  });
await run(program);
