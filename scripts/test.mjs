// npm test: installs what is missing, builds, runs the suite. npm test -- test/api runs a part of it.
import { installDebianPackages, installPackages, NODE, run } from './install.mjs';

installPackages();
installDebianPackages();
run(NODE, ['scripts/build.mjs'], 'the build failed: see above.');
run(NODE, ['node_modules/vitest/vitest.mjs', 'run', ...process.argv.slice(2)], 'tests failed: see above.');
