import { readFile } from 'node:fs/promises';
import { findCloud, openProject } from '@faafo/faafo/openstack';
import { KEY, PUBLIC_KEY } from './common.ts';

await using project = openProject(await findCloud());
const { keyPairs } = project;
if ((await keyPairs.list()).some(({ name }) => name === KEY)) {
  console.log(`the key pair ${KEY} is there already`);
} else {
  await keyPairs.make(KEY, (await readFile(PUBLIC_KEY, 'utf8')).trim());
  console.log(`the key pair ${KEY} was imported from ${PUBLIC_KEY}`);
}
for (const { name, fingerprint } of await keyPairs.list()) console.log(`${name}  ${fingerprint}`);
