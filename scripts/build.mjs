// npm run build: the kernel and the web page, where they are older than their sources. With --package also dist/, for npm pack.
import { buildKernel } from './build-kernel.mjs';
import { buildWeb } from './build-web.mjs';
import { installPackages } from './install.mjs';

installPackages();
await buildKernel();
await buildWeb();
if (process.argv.includes('--package')) {
  const { bundlePrograms } = await import('./bundle.mjs');
  await bundlePrograms();
}
