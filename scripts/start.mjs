// npm start: installs what is missing, builds what is stale, starts everything. Flags go to the service: npm start -- --bind-port 9000
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { installPackages, NODE, ROOT, run } from './install.mjs';

installPackages();
run(NODE, ['scripts/build.mjs'], 'the build failed: see above.');
const service = spawn(NODE, ['bin/faafo-api.js', '--demo', ...process.argv.slice(2)], { cwd: ROOT, stdio: 'inherit' });
// The terminal sends Ctrl-C to the service too; a SIGTERM reaches only this process and has to be passed on.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => service.kill('SIGTERM'));
service.on('exit', (status, signal) => process.exit(status ?? 128 + constants.signals[signal]));
