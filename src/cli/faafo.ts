import { Command } from 'commander';
import { addApi } from './api.ts';
import { addCancel } from './cancel.ts';
import { addCloud } from './cloud.ts';
import { addCompletion } from './completion.ts';
import { addCreate } from './create.ts';
import { addDelete } from './delete.ts';
import { addDemo } from './demo.ts';
import { addDoctor } from './doctor.ts';
import { addGet } from './get.ts';
import { addList } from './list.ts';
import { addPause } from './pause.ts';
import { addPresets } from './presets.ts';
import { addRender } from './render.ts';
import { addResume } from './resume.ts';
import { addRetry } from './retry.ts';
import { prepare, run } from './run.ts';
import { addClientFlags } from './settings-flags.ts';
import { addShare } from './share.ts';
import { addShow } from './show.ts';
import { addStatus } from './status.ts';
import { addStore } from './store.ts';
import { addToken } from './token.ts';
import { addWatch } from './watch.ts';
import { addWorkers } from './workers.ts';

const HELP = `
Exit status: 0 done, 1 refused or failed, 2 usage, 3 API unreachable.

Examples:
  $ faafo api                             start a service on this machine
  $ faafo create --tasks 1 --wait         order one random fractal
  $ faafo list
  $ faafo get 154c                        download a picture
  $ faafo render --preset feathers -o feathers.png
`;

const program = addClientFlags(prepare(new Command('faafo')))
  .description('Fractals as a service: order fractals, look at them, fetch their pictures.')
  .option('-v, --verbose', 'say what is done')
  .option('--debug', 'say every request, too')
  .addHelpText('after', HELP);
for (const add of [
  addCreate,
  addList,
  addShow,
  addGet,
  addDelete,
  addCancel,
  addRetry,
  addWatch,
  addStatus,
  addWorkers,
  addPause,
  addResume,
  addShare,
  addToken,
  addStore,
  addCloud,
  addDoctor,
  addDemo,
  addRender,
  addPresets,
  addApi,
  addCompletion,
])
  add(program);
await run(program);
