import { Command } from 'commander';
import { serveWith } from './api.ts';
import { prepare, run } from './run.ts';
import { addClientFlags } from './settings-flags.ts';

const program = prepare(new Command('faafo-api')).description(
  'Fractals as a service: API, queue, workers and web page in one process.',
);
await run(serveWith(addClientFlags(program)));
