import { findCloud, openProject, userData } from '@faafo/faafo/openstack';
import {
  answering,
  EVERYWHERE,
  enrolmentToken,
  group,
  instance,
  privateAddress,
  publicAddress,
  SOURCE,
  secrets,
} from './common.ts';

await using project = openProject(await findCloud());
const { admin, broker, listener } = secrets();
const worker = await group(project, 'worker', [[22, EVERYWHERE]]);
const control = await group(project, 'control', [
  [22, EVERYWHERE],
  [80, EVERYWHERE],
  [5672, { groupId: worker.id }],
]);

const at = (user: string, password: string, host: string) => `amqp://${user}:${password}@${host}:5672/faafo`;
const controller = await instance(project, 'app-controller', control, () =>
  userData({
    name: 'app-controller',
    install: ['messaging', 'faafo'],
    run: ['api'],
    transportUrl: at('faafo', broker, '127.0.0.1'),
    workerTransportUrl: at('listener', listener, '127.0.0.1'),
    adminToken: admin,
    source: SOURCE,
  }),
);
const url = `http://${await publicAddress(project, controller)}`;
console.log(`waiting for the API at ${url}/ …`);
await answering(url);

await instance(project, 'app-worker-1', worker, async () =>
  userData({
    name: 'app-worker-1',
    install: ['faafo'],
    run: ['worker'],
    endpointUrl: `http://${privateAddress(controller)}/`,
    transportUrl: at('listener', listener, privateAddress(controller)),
    // Every process of the instance can read this: it is good for one worker, and for two hours.
    token: await enrolmentToken(url, 'app-worker-1'),
    source: SOURCE,
  }),
);
console.log(`The Fractals application is at ${url}/`);
