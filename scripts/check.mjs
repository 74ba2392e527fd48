// npm run check: everything that is checked without running the service. The same here and in CI.
import { installPackages, NODE, run } from './install.mjs';

const CHECKS = [
  ['format and lint', ['node_modules/@biomejs/biome/bin/biome', 'check', '--error-on-warnings']],
  ['types', ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.json']],
  ['types of the web page', ['node_modules/typescript/bin/tsc', '-p', 'web/tsconfig.json']],
  ['kernel and web page build', ['scripts/build.mjs']],
  ['dependencies documented', ['scripts/dependencies.mjs', '--check']],
  ['nothing unused', ['node_modules/knip/bin/knip.js', '--no-progress']],
];

installPackages();
for (const [name, args] of CHECKS) {
  console.error(`faafo: check ${name} …`);
  run(NODE, args, `check failed: ${name}; see above. Formatting is mended by: npx biome check --write`);
}
console.error('faafo: all checks passed');
