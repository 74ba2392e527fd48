import { setTimeout as sleep } from 'node:timers/promises';
import { type CloudServer, findCloud, openProject, userData } from '@faafo/faafo/openstack';
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
const { admin, broker, listener, database } = secrets();

// The controller of chapter 12 becomes several instances: it and its worker go.
const isOld = ({ name }: { name: string }) => name === 'app-controller';
if ((await project.servers.list()).some(isOld)) {
  const old = (await project.servers.list()).filter((each) => isOld(each) || each.name === 'app-worker-1');
  for (const { id } of old) await project.servers.remove(id);
  for (const { id } of old) while (await project.servers.find(id)) await sleep(1_000);
  console.log('app-controller and app-worker-1 are gone');
}

const balancers = await group(project, 'balancer', [
  [22, EVERYWHERE],
  [80, EVERYWHERE],
]);
const workers = await group(project, 'worker', [[22, EVERYWHERE]]);
const apis = await group(project, 'api', [
  [22, EVERYWHERE],
  [80, { groupId: balancers.id }],
]);
const services = await group(project, 'services', [
  [22, EVERYWHERE],
  [3306, { groupId: apis.id }],
  [5672, { groupId: apis.id }],
  [5672, { groupId: workers.id }],
]);

const queueAt = (user: string, password: string, host: string) => `amqp://${user}:${password}@${host}:5672/faafo`;
const databaseAt = (host: string) => `mysql://faafo:${database}@${host}:3306/faafo`;
const common = { source: SOURCE };
const first = await instance(project, 'app-services', services, () =>
  userData({
    ...{ ...common, name: 'app-services', install: ['database', 'messaging'], run: [] },
    transportUrl: queueAt('faafo', broker, '127.0.0.1'),
    workerTransportUrl: queueAt('listener', listener, '127.0.0.1'),
    databaseUrl: databaseAt('127.0.0.1'),
  }),
);
const inside = privateAddress(first);

const made: CloudServer[] = [];
for (const name of ['app-api-1', 'app-api-2']) {
  const api = () =>
    userData({
      ...{ ...common, name, install: ['faafo'], run: ['api'], adminToken: admin },
      transportUrl: queueAt('faafo', broker, inside),
      databaseUrl: databaseAt(inside),
      // Both see all pictures: they are kept in the database until chapter 15.
      storageUrl: 'database:',
    });
  made.push(await instance(project, name, apis, api));
}
const balancer = await instance(project, 'app-balancer', balancers, () =>
  userData({
    ...{ ...common, name: 'app-balancer', install: ['balancer'], run: [] },
    balancerFor: made.map((api) => `http://${privateAddress(api)}`),
  }),
);
const url = `http://${await publicAddress(project, balancer)}`;
console.log(`waiting for the API at ${url}/ …`);
await answering(url);

for (const name of ['app-worker-1', 'app-worker-2', 'app-worker-3']) {
  await instance(project, name, workers, async () =>
    userData({
      ...{ ...common, name, install: ['faafo'], run: ['worker'] },
      endpointUrl: `http://${privateAddress(balancer)}/`,
      transportUrl: queueAt('listener', listener, inside),
      token: await enrolmentToken(url, name),
    }),
  );
}
console.log(`The Fractals application is at ${url}/`);
