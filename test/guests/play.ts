import type { TestProject } from '../cloud/support/project.ts';
import { until } from '../support/until.ts';
import { type Drawn, fractal, insist, isDrawnAlikeHere, PATIENCE_MS, uuidIn, workersAre } from './look.ts';
import type { Transcript } from './transcript.ts';

/** Steps of the engine that an emulated guest takes two minutes for are found out by a first picture. */
const FIRST = { width: 640, height: 480, iterations: 200 };
/** The same for all pictures: with another c, one of the same size may take ten times as long. */
const C = '--c-re -0.8 --c-im 0.156';
const LONG_S = 150;
/** While two draw it, one of them is asked to end, which takes an emulated guest a minute or two. */
const LONGER_S = 400;

/** What a user does, from the image to nothing left. @throws with what was other than it should be */
export async function play(transcript: Transcript, project: TestProject): Promise<void> {
  transcript.tell('The image goes into the cloud.');
  await transcript.type(
    'openstack image create --disk-format qcow2 --container-format bare --property hw_rng_model=virtio --file faafo.qcow2 faafo -f value -c name -c status',
  );

  transcript.tell('A controller and a worker. SSH is let in from one network.');
  const up = 'faafo cloud up --topology split --image faafo --flavor m1.guest --ssh-from 203.0.113.0/24 --wait 3600';
  const url = (await transcript.type(up)).out.trim().split('\n').at(-1)!;
  const address = new URL(url).hostname;
  transcript.export('FAAFO_ENDPOINT_URL', url);
  transcript.export('FAAFO_TOKEN', (await transcript.ask('faafo cloud token')).trim(), '$(faafo cloud token)');
  await workersAre(transcript, ['app-worker-1']);
  await transcript.type('faafo cloud status');
  await transcript.type('faafo workers');

  transcript.tell('A fractal is ordered at the controller, and drawn by the worker.');
  const { width, height, iterations } = FIRST;
  const created = await transcript.type(
    `faafo create --tasks 1 --width ${width} --height ${height} --iterations ${iterations} ${C} --xa -1.5 --xb 1.5 --ya -1 --yb 1 --wait -f value`,
  );
  const first = uuidIn(created.out);
  insist((await transcript.type(`faafo show ${first}`)).out.includes('app-worker-1'), 'the worker has drawn it');
  const { duration } = await fractal(transcript, first);

  transcript.tell('The queue is open to workers only: not from outside, not from another host of the private network.');
  const inside = await privateAddress(project, 'app-controller');
  insist((await transcript.type(knock(address))).out === '22 open\n80 open\n5672 closed\n', 'the queue is closed to the outside');
  const dhcp = (await transcript.ask('ip netns list'))
    .split('\n')
    .find((line) => line.startsWith('qdhcp-'))!
    .split(' ')[0]!;
  const neighbour = await transcript.type(`ip netns exec ${dhcp} bash -c '${knock(inside)}'`);
  insist(neighbour.out === '22 closed\n80 open\n5672 closed\n', 'the queue is closed to neighbours');
  const worker = await transcript.type(`faafo cloud ssh app-worker-1 -- '${knock(inside)}'`);
  insist(worker.out.endsWith('5672 open\n'), 'the queue is open to workers');

  transcript.tell(
    'A larger one is being drawn when the worker is deleted, as if its host had burnt down. Others come, and it is finished.',
  );
  const large = await orderSquare(transcript, sideFor(width * height, duration!, LONG_S));
  await until(async () => (await fractal(transcript, large)).state === 'rendering', PATIENCE_MS);
  await transcript.type('openstack server delete --wait app-worker-1');
  await transcript.type(`faafo list`);
  insist((await fractal(transcript, large)).state === 'rendering', 'it was deleted while it drew');
  await transcript.type('faafo cloud scale --workers 2 --wait 3600');
  await until(async () => (await fractal(transcript, large)).state === 'done', PATIENCE_MS);
  await workersAre(transcript, ['app-worker-1', 'app-worker-2']);
  await transcript.type(`faafo show ${large}`);
  await isDrawnAlikeHere(transcript, large);
  await transcript.type('faafo cloud status');
  await shrink(transcript, await fractal(transcript, large));
  await transcript.type('faafo cloud servers');

  transcript.tell('And all of it is taken away.');
  await transcript.type('faafo cloud down -y');
  for (const what of ['servers', 'ips', 'groups']) {
    const { out } = await transcript.type(`faafo cloud ${what} -f value -c ${what === 'ips' ? 'Address' : 'Name'}`);
    insist(out === (what === 'groups' ? 'default\n' : ''), `no ${what} are left`);
  }
}

/** One worker is enough, and that is said while two draw. Sized by a square that was drawn before. */
async function shrink(transcript: Transcript, { width, height, duration }: Drawn): Promise<void> {
  transcript.tell(
    'One worker is enough. Both draw when one is taken away: it gives back what it has not finished, and the other draws that.',
  );
  const ordered = await orderSquare(transcript, sideFor(width * height, duration!, LONGER_S));
  await workersAre(transcript, ['app-worker-1', 'app-worker-2'], 'working');
  await transcript.type('faafo workers');
  await transcript.type('faafo cloud scale --workers 1');
  insist((await fractal(transcript, ordered)).state === 'rendering', 'one of them was taken away while they drew');
  await until(async () => (await fractal(transcript, ordered)).state === 'done', PATIENCE_MS);
  await isDrawnAlikeHere(transcript, ordered);
  const { out } = await transcript.type('faafo list -f value -c Dimensions -c State');
  insist(
    out
      .trim()
      .split('\n')
      .every((line) => line.endsWith(' done')),
    'nothing is lost',
  );
}

/** @param side pixels @returns its uuid */
async function orderSquare(transcript: Transcript, side: number): Promise<string> {
  const ordered = await transcript.type(
    `faafo create --tasks 1 --width ${side} --height ${side} --iterations ${FIRST.iterations} ${C} --xa -1.5 --xb 1.5 --ya -1.5 --yb 1.5 -f value`,
  );
  return uuidIn(ordered.out);
}

/** Tries ports as anybody can. */
const knock = (address: string): string =>
  `for port in 22 80 5672; do timeout 5 bash -c "</dev/tcp/${address}/$port" 2>/dev/null && echo $port open || echo $port closed; done`;

async function privateAddress({ cloud }: TestProject, name: string): Promise<string> {
  const server = (await cloud.servers.list()).find((each) => each.name === name)!;
  return server.addresses.find(({ kind }) => kind === 'fixed')!.address;
}

/** Pixels across and down of a picture that takes long enough, by what a smaller one took. @param duration s @param seconds that it is to take */
function sideFor(pixels: number, duration: number, seconds: number): number {
  const side = Math.sqrt((pixels * seconds) / Math.max(duration, 0.5));
  return Math.min(12_000, Math.max(1000, Math.round(side / 100) * 100));
}
