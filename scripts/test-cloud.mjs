// npm run test:cloud: starts a real OpenStack of its own (with hosts that boot nobody) and tries `faafo cloud` on it. `-- test/cloud/up` runs a part; `-- up` only
// starts it, for tests that are run by hand.
import { CLOUD_PACKAGES, installDebianPackages, installPackages, NODE, run } from './install.mjs';

installPackages();
installDebianPackages(CLOUD_PACKAGES);
run(NODE, ['scripts/build.mjs'], 'the build failed: see above.');
const suite = ['--disable-warning=ExperimentalWarning', 'test/cloud/run.ts', ...process.argv.slice(2)];
run(NODE, suite, 'the tests on a real OpenStack failed: see above.');
