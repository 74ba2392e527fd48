import { userData } from '@faafo/faafo/openstack';
import { SOURCE, secrets } from './common.ts';

/** What the instance is to run: install.sh -i faafo -i messaging -r api -r worker -r demo. */
const script = userData({
  name: 'all-in-one',
  install: ['messaging', 'faafo'],
  run: ['api', 'worker', 'demo'],
  adminToken: secrets().admin,
  source: SOURCE,
});
console.log(
  script
    .split('\n')
    .filter((line) => /install\.sh -i/.test(line))
    .join('\n'),
);
console.log(`${Buffer.from(script).toString('base64').length} bytes of 65535`);
