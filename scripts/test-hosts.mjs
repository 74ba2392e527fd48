// npm run test:hosts: makes hosts on this machine (a Debian of their own, with a name, an address and processes of their own), installs faafo on them as a cloud does,
// and lets them work together. `-- test/hosts/two-hosts` runs a part. As root; the first time it makes the Debian, which takes some minutes.
import { HOST_PACKAGES, installDebianPackages, installPackages, NODE, run, stop } from './install.mjs';

installPackages();
if (process.getuid?.() !== 0) stop('npm run test:hosts makes networks and name spaces: run it as root.');
installDebianPackages(HOST_PACKAGES);
run(NODE, ['scripts/build.mjs', '--package'], 'the build failed: see above.');
const suite = ['node_modules/vitest/vitest.mjs', 'run', '--config', 'test/hosts/vitest.config.ts', ...process.argv.slice(2)];
run(NODE, suite, 'tests on hosts failed: see above.');
