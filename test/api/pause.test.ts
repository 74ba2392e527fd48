import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { runForeman } from '../../src/actions/foreman.ts';
import { createToken } from '../../src/actions/manage-tokens.ts';
import type { FarmStatus } from '../../src/http/farm-schemas.ts';
import { serveParts } from '../support/farm.ts';
import { finished, look, order, send } from '../support/orders.ts';
import { startApi } from '../support/start-api.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const pauseOf = async (url: string, headers: Record<string, string> = {}) =>
  ((await (await fetch(`${url}/v1/status`, { headers })).json()) as FarmStatus).pause;

describe('/v1/pause', () => {
  it('pauses in the name of who asks, for those who look to read, and resumes', async () => {
    await using folder = await temporaryFolder();
    await using api = await serveParts(folder.path);
    const { repository } = api.ports;
    const bearer = async (role: 'admin' | 'creator' | 'viewer') => {
      const { token } = await createToken(repository, { name: `${role}-1`, role, expiresInMs: null });
      return { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    };
    const [admin, creator, viewer] = [await bearer('admin'), await bearer('creator'), await bearer('viewer')];
    const put = (headers: Record<string, string>, body: unknown) =>
      fetch(`${api.url}/v1/pause`, { method: 'PUT', headers, body: JSON.stringify(body) });
    expect((await put(creator, {})).status).toBe(403);
    expect(await pauseOf(api.url, viewer)).toBeNull();
    const paused = await put(admin, { why: 'new disks' });
    expect(paused.status).toBe(200);
    const pause = await paused.json();
    expect(pause).toEqual({ since: expect.stringMatching(/Z$/), by: 'admin-1', why: 'new disks' });
    expect(await pauseOf(api.url, viewer)).toEqual(pause);
    expect(await (await put(admin, { why: 'other words' })).json()).toEqual(pause);
    const { authorization } = creator;
    expect((await fetch(`${api.url}/v1/pause`, { method: 'DELETE', headers: { authorization } })).status).toBe(403);
    for (let i = 0; i < 2; i++) {
      const resumed = await fetch(`${api.url}/v1/pause`, { method: 'DELETE', headers: { authorization: admin.authorization } });
      expect(resumed.status).toBe(204);
    }
    expect(await pauseOf(api.url, viewer)).toBeNull();
  });

  it.each([
    [{ why: '' }, 422],
    [{ why: 'x'.repeat(201) }, 422],
    [{ why: 'two\nlines' }, 422],
    [{ why: 'turned \u202e round' }, 422],
    [{ reason: 'x' }, 422],
    [[], 422],
    [{ why: 'x'.repeat(5000) }, 413],
  ])('refuses words that are none or too many: %#', async (body, status) => {
    await using folder = await temporaryFolder();
    await using api = await serveParts(folder.path);
    expect((await send(`${api.url}/v1/pause`, 'PUT', body)).status).toBe(status);
    expect(await pauseOf(api.url)).toBeNull();
  });

  it('holds through a restart: orders are taken and kept, and drawn as soon as it goes on', async () => {
    await using folder = await temporaryFolder();
    const first = await startApi({ dataDir: folder.path });
    expect((await send(`${first.url}/v1/pause`, 'PUT', {})).status).toBe(200);
    const { uuid } = await order(first.url);
    await first.kill();
    await using api = await startApi({ dataDir: folder.path });
    const other = await order(api.url);
    // The foreman would have rung within a moment.
    await sleep(2_500);
    for (const each of [uuid, other.uuid]) expect((await look(api.url, each)).state).toBe('queued');
    expect(await pauseOf(api.url)).not.toBeNull();
    expect((await send(`${api.url}/v1/pause`, 'DELETE')).status).toBe(204);
    for (const each of [uuid, other.uuid]) await finished(api.url, each);
  });

  it('delivers and finishes what was in work, and gives nothing new', async () => {
    await using folder = await temporaryFolder();
    await using api = await startApi({ dataDir: folder.path, flags: ['--threads', '1'] });
    // Some seconds of work in many bands.
    const { uuid, bands } = await order(api.url, {
      width: 2400,
      height: 2400,
      iterations: 4000,
      xa: -0.75,
      xb: -0.74,
      ya: 0.1,
      yb: 0.11,
    });
    expect(bands).toBeGreaterThan(8);
    await finished(api.url, uuid, 'rendering');
    await send(`${api.url}/v1/pause`, 'PUT', {});
    const still = async (): Promise<FarmStatus> => (await (await fetch(`${api.url}/v1/status`)).json()) as FarmStatus;
    await expect.poll(async () => (await still()).bands.leased, { timeout: 30_000 }).toBe(0);
    const { progress, state } = await look(api.url, uuid);
    expect(state).toBe('rendering');
    expect(progress).toBeGreaterThan(0);
    await sleep(1_500);
    expect(await look(api.url, uuid)).toMatchObject({ state, progress });
    await send(`${api.url}/v1/pause`, 'DELETE');
    await finished(api.url, uuid, 'done', 60_000);
  }, 120_000);

  it('is no reason for the foreman to ring', async () => {
    await using folder = await temporaryFolder();
    let rung = 0;
    const ring = async () => void rung++;
    await using api = await serveParts(folder.path, { ringer: { ring, depth: async () => 0, ping: async () => undefined } });
    await send(`${api.url}/v1/pause`, 'PUT', {});
    await order(api.url);
    const stop = new AbortController();
    const foreman = runForeman(api.ports, {
      ...{ isShared: false, retention: { maxAgeMs: null, maxBytes: null }, signal: stop.signal, scrubRate: 0 },
      ...{ onLoss: () => undefined, onError: () => undefined, onExpired: () => undefined, onNoted: () => undefined },
    });
    await sleep(300);
    expect(rung).toBe(0);
    await send(`${api.url}/v1/pause`, 'DELETE');
    await expect.poll(() => rung).toBe(1);
    stop.abort();
    await foreman;
  });
});
