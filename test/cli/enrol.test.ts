import { chmod, mkdir, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { newAccessToken } from '../../src/actions/access-token.ts';
import { keepOwnToken } from '../../src/cli/own-token.ts';
import { FaultProxy } from '../faults/support/fault-proxy.ts';
import { runFaafo } from '../support/run-faafo.ts';
import { type PrivateBroker, startRabbitmq } from '../support/servers/rabbitmq.ts';
import { type RunningApi, startApi } from '../support/start-api.ts';
import { startWorker } from '../support/start-worker.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';

interface Row {
  readonly ID: string;
  readonly 'Uses left': number | null;
  readonly 'Enrolled by': string | null;
  readonly State: string;
}

describe('a worker with an enrolment token', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let broker: PrivateBroker;
  let api: RunningApi;
  let admin: string;
  let state: string;
  let rounds = 0;
  beforeAll(async () => {
    folder = await temporaryFolder();
    broker = await startRabbitmq();
    api = await startApi({ dataDir: folder.path, flags: ['--transport-url', broker.url] });
    admin = (await runFaafo(api.url, ['token', 'create', 'ann', '--role', 'admin'])).stdout.trim();
  });
  afterAll(async () => {
    await api.stop();
    await broker[Symbol.asyncDispose]();
    await folder[Symbol.asyncDispose]();
  });
  beforeEach(() => {
    state = join(folder.path, `state-${rounds++}`, 'deep');
  });

  const faafo = (words: readonly string[]) => runFaafo(api.url, words, { env: { FAAFO_TOKEN: admin } });
  const enrolmentToken = async (...words: string[]) => {
    const token = (await faafo(['token', 'enrol', 'farm', ...words])).stdout.trim();
    const id = token.split('_')[2]!;
    return { token, id, file: join(state, `enrolled-by-${id}.token`) };
  };
  const rows = async (): Promise<Row[]> =>
    JSON.parse(
      (await faafo(['token', 'list', '-f', 'json', '-c', 'id', '-c', 'uses_left', '-c', 'enrolled_by', '-c', 'state'])).stdout,
    );
  const usesLeft = async (id: string) => (await rows()).find((row) => row.ID === id)!['Uses left'];
  const start = (token: string, endpoint = api.url) =>
    startWorker(['--endpoint-url', endpoint, '--transport-url', broker.url, '--threads', '1', '--state-dir', state], {
      FAAFO_TOKEN: token,
    });
  const ready = (worker: ReturnType<typeof start>) => until(() => worker.said().startsWith('faafo-worker is ready'));
  /** What a worker says at its end is a line for people, behind those of the log. */
  const lastLine = (worker: ReturnType<typeof start>) => worker.log().trim().split('\n').at(-1);

  it('draws with a token of its own, which it keeps to itself and uses again, also when the enrolment token is revoked', async () => {
    const { token, id, file } = await enrolmentToken();
    {
      await using worker = start(token);
      await ready(worker);
      expect(worker.log()).toMatch(new RegExp(`enrolled as ${hostname()}-[0-9a-z]{8}: its token is in ${file}`));
      const created = await faafo(['create', '--tasks', '1', '--width', '64', '--height', '48', '--iterations', '50', '--wait']);
      expect(created.status).toBe(0);
      expect(await worker.stop()).toBe(0);
      expect(worker.log()).not.toMatch(/faafo_(enrol_)?[0-9a-z]{8}_/);
    }
    expect([(await stat(file)).mode & 0o777, (await stat(state)).mode & 0o777]).toEqual([0o600, 0o700]);
    expect(await readdir(state)).toEqual([`enrolled-by-${id}.token`]);
    const kept = await readFile(file, 'utf8');
    const mine = (await rows()).find((row) => row['Enrolled by'] === id)!;
    expect(mine.ID).toBe(kept.split('_')[1]);
    expect(await usesLeft(id)).toBe(0);

    expect((await faafo(['token', 'revoke', id])).status).toBe(0);
    await using again = start(token);
    await ready(again);
    expect(again.log()).toMatch(/was enrolled before as/);
    expect(await readFile(file, 'utf8')).toBe(kept);
    // It is a file as token_file names them.
    expect((await faafo(['token', 'list', '--token-file', file])).stderr).toMatch(/has the role worker/);

    expect((await faafo(['token', 'revoke', mine.ID])).status).toBe(0);
    expect(await again.ended).toBe(1);
    expect(lastLine(again)).toMatch(
      new RegExp(`^faafo: The token ${mine.ID} was revoked\\..* to have it enrolled anew, delete ${file}\\.$`),
    );
    await using refused = start(token);
    expect(await refused.ended).toBe(1);
    expect(refused.log()).toBe(
      `faafo: This worker was enrolled before, and its token ${mine.ID} was revoked. To have it enrolled anew, delete ${file}.\n`,
    );
  }, 60_000);

  it('is enrolled with one use, wherever on the way it was killed', async () => {
    const { token, id, file } = await enrolmentToken('--uses', '5');
    const port = Number(new URL(api.url).port);
    await using link = await FaultProxy.open(() => port);
    const [near, far] = [`http://127.0.0.1:${link.port}`, api.url];
    for (const lost of ['server', 'client'] as const) {
      let asked = false;
      link.watch((_, to) => {
        if (to === lost) asked = true;
        return to === lost ? 'swallow' : 'pass';
      });
      await using worker = start(token, near);
      await until(() => asked);
      worker.process.kill('SIGKILL');
      await worker.ended;
      expect(await usesLeft(id)).toBe(lost === 'server' ? 5 : 4);
    }
    // At other lines, too.
    for (const ms of [0, 100, 200, 300, 400, 500, 600]) {
      await using worker = start(token, far);
      await new Promise((resolve) => setTimeout(resolve, ms));
      worker.process.kill('SIGKILL');
      await worker.ended;
    }
    await using worker = start(token, far);
    await ready(worker);
    expect(await usesLeft(id)).toBe(4);
    expect((await rows()).filter((row) => row['Enrolled by'] === id).map((row) => row.ID)).toEqual([
      (await readFile(file, 'utf8')).split('_')[1],
    ]);
    expect(await worker.stop()).toBe(0);
  }, 90_000);

  it('waits for an API that is away, says so once, and ends when it is to', async () => {
    const { token, id } = await enrolmentToken();
    await using link = await FaultProxy.open(() => Number(new URL(api.url).port));
    link.refuse();
    await using worker = start(token, `http://127.0.0.1:${link.port}`);
    const told = () => worker.log().match(/not enrolled yet: .* cannot be reached: .* Trying again\./g) ?? [];
    await until(() => told().length > 0);
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    expect(told()).toHaveLength(1);
    expect(await worker.stop()).toBe(0);
    expect(await usesLeft(id)).toBe(1);
  });

  it('ends with one line that says what to do, after it asked once', async () => {
    const { token, id } = await enrolmentToken();
    await using first = start(token);
    await ready(first);
    await rm(state, { recursive: true });
    const before = api.log().split('"action":"enrol"').length;
    await using second = start(token);
    expect(await second.ended).toBe(1);
    expect(second.log()).toBe(
      `faafo: The enrolment token ${id} is used up: it was good for 1. An admin makes another with faafo token enrol: set it as FAAFO_TOKEN, or name its file with --token-file.\n`,
    );
    expect(api.log().split('"action":"enrol"').length).toBe(before + 1);
    expect(await first.stop()).toBe(0);
  });

  it('asks for nothing before it can keep what it gets', async () => {
    const { token, id, file } = await enrolmentToken();
    await writeFile(join(folder.path, 'no-folder'), '');
    await using blocked = startWorker(
      ['--endpoint-url', api.url, '--transport-url', broker.url, '--state-dir', join(folder.path, 'no-folder', 'x')],
      { FAAFO_TOKEN: token },
    );
    expect(await blocked.ended).toBe(2);
    expect(blocked.log()).toMatch(/^faafo: state_dir: .* cannot be kept \(ENOTDIR\): name a folder .* with --state-dir\.\n$/);
    await mkdir(state, { recursive: true });
    await writeFile(file, 'nonsense\n', { mode: 0o600 });
    await using garbled = start(token);
    expect(await garbled.ended).toBe(2);
    expect(garbled.log()).toBe(`faafo: ${file} holds no token of faafo: delete it, and this worker is enrolled anew.\n`);
    await writeFile(file, `${newAccessToken().text}\n`);
    await chmod(file, 0o644);
    await using open = start(token);
    expect(await open.ended).toBe(2);
    expect(open.log()).toMatch(/ holds a token, and is open to others: delete it/);
    await rm(file);
    await symlink('/dev/null', file);
    await using linked = start(token);
    expect(await linked.ended).toBe(2);
    expect(linked.log()).toMatch(/cannot be kept \(ELOOP\)/);
    expect(await usesLeft(id)).toBe(1);
  });

  it('has one token for all of its processes on a machine that share the folder', async () => {
    const path = join(state, 'enrolled-by-3f9k2m1x.token');
    const kept = await Promise.all(Array.from({ length: 20 }, () => keepOwnToken(path)));
    expect(new Set(kept).size).toBe(1);
    expect(await readdir(state)).toEqual(['enrolled-by-3f9k2m1x.token']);
  });

  it('is looked at by the doctor, before and after', async () => {
    const { token } = await enrolmentToken();
    const env = { FAAFO_TOKEN: token, FAAFO_TRANSPORT_URL: broker.url };
    const look = () => runFaafo(api.url, ['doctor', '--as', 'worker', '--state-dir', state, '-f', 'json'], { env });
    const found = async () =>
      (JSON.parse((await look()).stdout) as Record<string, string>[])
        .filter((each) => /state|token/.test(each.Check!))
        .map((each) => [each.Check, each.Status, each.Detail]);
    expect(await found()).toEqual([
      ['state folder', 'ok', `${state} is not there yet: it is made at the first start`],
      ['token', 'ok', 'an enrolment token: faafo-worker exchanges it when it starts'],
    ]);
    await using worker = start(token);
    await ready(worker);
    expect(await found()).toEqual([
      ['state folder', 'ok', `${state} can be written`],
      ['token', 'ok', 'it is a worker’s'],
    ]);
    expect(await worker.stop()).toBe(0);
  });
});
