// npm run test:fuzz: asks a service of its own 20,000 things of every kind, and looks at each answer. SEED=7 asks the same again, COUNT=1000000 asks more.
import { installDebianPackages, installPackages, NODE, run } from './install.mjs';

installPackages();
installDebianPackages();
run(NODE, ['scripts/build.mjs'], 'the build failed: see above.');
const fuzzer = ['--disable-warning=ExperimentalWarning', 'test/fuzz/run.ts'];
run(NODE, fuzzer, 'the fuzzer has found something wrong: see above.');
