// npm run bench: every bench, or those named: npm run bench -- kernel list
import { readdirSync } from 'node:fs';
import { installPackages, NODE, run } from './install.mjs';

installPackages();
run(NODE, ['scripts/build.mjs'], 'the build failed: see above.');
const wanted = process.argv.slice(2);
for (const file of readdirSync(new URL('../bench', import.meta.url)).sort()) {
  const name = file.replace(/\.ts$/, '');
  if (!file.endsWith('.ts') || (wanted.length > 0 && !wanted.includes(name))) continue;
  console.error(`\n== bench ${name}`);
  run(NODE, ['--disable-warning=ExperimentalWarning', `bench/${file}`], `bench ${name} failed: see above.`);
}
