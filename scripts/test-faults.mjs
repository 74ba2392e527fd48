// npm run test:faults: plays every fault of docs/reliability.md, each a few times. With `-- long` each many times; with `-- soak 8` random ones for so many
// hours. SEED=7 plays the same again, ONLY=14,15 those two.
import { installDebianPackages, installPackages, NODE, run } from './install.mjs';

installPackages();
installDebianPackages();
run(NODE, ['scripts/build.mjs', '--package'], 'the build failed: see above.');
const suite = ['--disable-warning=ExperimentalWarning', 'test/faults/run.ts', ...process.argv.slice(2)];
run(NODE, suite, 'the fault suite has found something wrong: see above, and docs/reliability.md for how to play it again.');
