// npm run bench: every bench, or those named: npm run bench -- kernel web/explore
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { installPackages, NODE, run } from './install.mjs';

installPackages();
run(NODE, ['scripts/build.mjs'], 'the build failed: see above.');
const wanted = process.argv.slice(2);
const files = ['.', 'web'].flatMap((folder) =>
  readdirSync(new URL(`../bench/${folder}`, import.meta.url)).map((file) => join(folder, file)),
);
for (const file of files.sort()) {
  const name = file.replace(/\.ts$/, '');
  if (!file.endsWith('.ts') || (wanted.length > 0 && !wanted.includes(name))) continue;
  console.error(`\n== bench ${name}`);
  run(NODE, ['--disable-warning=ExperimentalWarning', `bench/${file}`], `bench ${name} failed: see above.`);
}
