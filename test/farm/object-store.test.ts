import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Client } from '../../src/http/client.ts';
import { Farm } from '../faults/support/farm.ts';
import { MENU, referenceOf, SLOW } from '../faults/support/orders.ts';
import { runFaafo } from '../support/run-faafo.ts';
import { type PrivateSwift, startSwift } from '../support/servers/swift.ts';
import { until } from '../support/until.ts';

/** Two APIs, two workers, RabbitMQ and PostgreSQL, and pictures in Swift. */
describe('a farm with its pictures in Swift', () => {
  let swift: PrivateSwift;
  let farm: Farm;
  const before = { ...process.env };
  beforeAll(async () => {
    swift = await startSwift();
    // What the parts are started with.
    Object.assign(process.env, swift.environment, swift.s3Environment);
    farm = await Farm.open({ seed: 1, direct: true, apiFlags: ['--storage-url=swift://farm'] });
  }, 180_000);
  afterAll(async () => {
    await farm?.[Symbol.asyncDispose]();
    await swift?.[Symbol.asyncDispose]();
    process.env = before;
  });

  const store = (...words: string[]) => runFaafo(farm.url(0), ['store', ...words, '--database-url', farm.database.url]);

  it('draws pictures of one band and of many, and shows each at the other API', async () => {
    const [here, there] = [new Client(farm.url(0)), new Client(farm.url(1))];
    const orders = [...MENU, { ...SLOW, iterations: 2000 }].map((body) => ({ ...body, uuid: crypto.randomUUID() }));
    for (const order of orders) await here.order(order);
    for (const { uuid, ...body } of orders) {
      const done = await until(async () => {
        const fractal = await there.find(uuid);
        return fractal.state === 'done' ? fractal : null;
      }, 90_000);
      expect(done.checksum).toBe(await referenceOf(body));
      let size = 0;
      for await (const piece of (await there.picture(uuid)).bytes) size += piece.length;
      expect(size).toBe(done.size);
    }
  }, 180_000);

  it('has all that the database knows, and nothing else for long', async () => {
    const { status, stderr } = await store('check', '--deep', '--storage-url', 'swift://farm');
    expect({ status, stderr }).toMatchObject({ status: 0, stderr: expect.stringMatching(/nothing is wrong/) });
  }, 60_000);

  it('is looked at by the doctor, who makes nothing', async () => {
    const look = async (url: string) => {
      const words = ['doctor', '--database-url', farm.database.url, '--storage-url', url, '-f', 'json'];
      const rows = JSON.parse((await runFaafo(farm.url(0), words)).stdout) as { Check: string; Status: string; Detail: string }[];
      return rows.filter(({ Check }) => Check === 'store').map(({ Status, Detail }) => `${Status} ${Detail}`);
    };
    expect(await look('swift://farm')).toEqual([expect.stringMatching(/^ok swift:\/\/farm answers, in \d+ ms$/)]);
    expect(await look('swift://nowhere')).toEqual([expect.stringMatching(/^fail object-store: there is no container nowhere/)]);
    expect((await swift.call('HEAD', '/nowhere')).status).toBe(404);
  }, 60_000);

  it('moves to S3 and is complete there; a second copy has nothing to do', async () => {
    const target = `s3://moved?endpoint=${swift.s3Endpoint}`;
    const first = await store('copy', 'swift://farm', target);
    expect(first).toMatchObject({ status: 0, stdout: expect.stringMatching(/^copied [1-9]\d* .*missing 0, damaged 0\n$/) });
    expect(await store('copy', 'swift://farm', target)).toMatchObject({ stdout: expect.stringMatching(/^copied 0 /) });
    expect(await store('check', '--deep', '--storage-url', target)).toMatchObject({ status: 0 });
    expect(first.stdout + first.stderr).not.toMatch(swift.s3Environment.AWS_SECRET_ACCESS_KEY!);
  }, 120_000);

  it('is not ready while Swift is away, and goes on when it is back', async () => {
    const ready = async () => (await fetch(`${farm.url(0)}/readyz`)).status;
    await swift.proxy.kill();
    await until(async () => (await ready()) === 503, 30_000);
    const order = { ...MENU[0]!, uuid: crypto.randomUUID() };
    const client = new Client(farm.url(0));
    await swift.proxy.start();
    await until(async () => (await ready()) === 200, 60_000);
    await client.order(order);
    await until(async () => (await client.find(order.uuid)).state === 'done', 60_000);
  }, 180_000);
});
