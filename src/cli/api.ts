import type { Command } from 'commander';
import { loadSettings } from './settings.ts';
import { addServerFlags, readFlags } from './settings-flags.ts';

const HELP = `
Every flag is also an environment variable (FAAFO_BIND_PORT) and a key of the
configuration file (bind_port = 8080); the flag is strongest, the file weakest.

Examples:
  $ faafo-api
  $ faafo-api --listen-address 0.0.0.0 --bind-port 80 --data-dir /var/lib/faafo
`;

/** Makes the command start the service: API, queue and workers in this process. */
export function serveWith(command: Command): Command {
  return addServerFlags(command)
    .option('--demo', 'order a handful of fractals when there are none yet')
    .addHelpText('after', HELP)
    .action(async (_options, self: Command) => {
      const settings = loadSettings(readFlags(self));
      // Loaded late: clients start without the weight of the server.
      const { serve } = await import('./serve.ts');
      await serve(settings, { demo: self.opts<{ demo?: true }>().demo === true });
    });
}

export function addApi(program: Command): void {
  serveWith(program.command('api').description('start the service: API, queue, workers and web page in one process'));
}
