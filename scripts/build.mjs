// npm run build: the kernel and the web page, where they are older than their sources. With --package also dist/, for npm pack.
import { rmSync } from 'node:fs';
import { buildKernel } from './build-kernel.mjs';
import { buildWeb } from './build-web.mjs';
import { installPackages, NODE, run } from './install.mjs';

installPackages();
await Promise.all([buildKernel(), buildWeb()]);
if (process.argv.includes('--package')) {
  rmSync(new URL('../dist', import.meta.url), { recursive: true, force: true });
  run(
    NODE,
    ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.package.json'],
    'the TypeScript in src/ does not compile: see above.',
  );
}
