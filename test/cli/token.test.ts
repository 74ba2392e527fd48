import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hashAccessToken, newAccessToken } from '../../src/actions/access-token.ts';
import { enrol } from '../../src/http/enrol.ts';
import { order } from '../support/orders.ts';
import { runFaafo } from '../support/run-faafo.ts';
import { type RunningApi, startApi } from '../support/start-api.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';

const TOKEN = /^faafo_([0-9a-z]{8})_[0-9A-Za-z]{49}\n$/;

describe('faafo token', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let api: RunningApi;
  beforeAll(async () => {
    folder = await temporaryFolder();
    api = await startApi({ dataDir: folder.path });
  });
  afterAll(async () => {
    expect(api.log()).not.toMatch(/faafo_[0-9a-z]{8}_/);
    await api.stop();
    await folder[Symbol.asyncDispose]();
  });

  const faafo = (words: readonly string[], token?: string, env: NodeJS.ProcessEnv = {}) =>
    runFaafo(api.url, words, { env: { ...env, ...(token !== undefined && { FAAFO_TOKEN: token }) } });

  const made: Record<string, string> = {};

  it('needs nobody on a loopback address at first, and closes it', async () => {
    await order(api.url);
    const { status, stdout, stderr } = await faafo(['token', 'create', 'ann', '--role', 'admin']);
    expect(status).toBe(0);
    expect(stdout).toMatch(TOKEN);
    expect(stderr).toMatch(/^[0-9a-z]{8} of ann, admin, expires at \d{4}-.* It is not shown again.*\n$/);
    expect(stderr).not.toContain(stdout.slice(15, 40));
    made.ann = stdout.trim();
    const list = await faafo(['list']);
    expect([list.status, list.stdout]).toEqual([1, '']);
    expect(list.stderr).toMatch(/^faafo: Access is closed: .* set yours as FAAFO_TOKEN, or name its file with --token-file\.\n$/);
  });

  it('lets the database know one that was made elsewhere, once however often it is told', async () => {
    const { text, id } = newAccessToken();
    const file = join(folder.path, 'given');
    await writeFile(file, text, { mode: 0o600 });
    const words = ['token', 'create', 'given', '--role', 'viewer', '--token-from', file];
    const there = ['--data-dir', folder.path];
    const told = await Promise.all([1, 2, 3].map(() => faafo([...words, ...there])));
    expect(told.map(({ status, stdout }) => [status, stdout])).toEqual([1, 2, 3].map(() => [0, `${text}\n`]));
    const { stdout } = await faafo(['token', 'list', '-f', 'value', '-c', 'ID', '-c', 'Name', ...there]);
    expect(stdout.split('\n').filter((line) => line.endsWith(' given'))).toEqual([`${id} given`]);
    expect(await faafo(['list'], text)).toMatchObject({ status: 0 });
    expect(await faafo(words, made.ann)).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('say --data-dir or --database-url'),
    });
    await writeFile(file, `${text.slice(0, -1)}!`);
    expect(await faafo([...words, ...there])).toMatchObject({ status: 2, stderr: expect.stringContaining('no token of faafo') });
  });

  it('makes tokens for others, as an admin alone', async () => {
    const created = await faafo(['token', 'create', 'bob', '--role', 'creator', '--expires', '90d'], made.ann);
    expect(created.status).toBe(0);
    made.bob = created.stdout.trim();
    const refused = await faafo(['token', 'list'], made.bob);
    expect([refused.status, refused.stderr]).toEqual([
      1,
      'faafo: This is for the role admin; the token of bob has the role creator.\n',
    ]);
    const never = await faafo(['token', 'create', 'bob', '--role', 'viewer', '--expires', 'never'], made.ann);
    expect(never.stderr).toMatch(/never expires/);
    for (const words of [['--expires', '90'], ['--expires', '0d'], ['--role', 'king'], []]) {
      const wrong = await faafo(['token', 'create', 'eve', ...(words.length ? ['--role', 'viewer', ...words] : [])], made.ann);
      expect([words, wrong.status, wrong.stdout]).toEqual([words, 2, '']);
    }
    const misnamed = await faafo(['token', 'create', 'a b', '--role', 'viewer'], made.ann);
    expect([misnamed.status, misnamed.stderr]).toEqual([1, expect.stringMatching(/name must be 1 to 63 letters/)]);
  });

  it('lists them, but for their secrets', async () => {
    const { stdout } = await faafo(['token', 'list', '-f', 'json'], made.ann);
    const rows = JSON.parse(stdout) as Record<string, string>[];
    expect(rows.map((row) => [row.Name, row.Role, row.State])).toEqual([
      ['bob', 'viewer', 'valid'],
      ['bob', 'creator', 'valid'],
      ['given', 'viewer', 'valid'],
      ['ann', 'admin', 'valid'],
    ]);
    expect(rows[3]!.ID).toBe(made.ann!.split('_')[1]);
    expect(
      await until(async () => /"Last used at": "2/.test((await faafo(['token', 'list', '-f', 'json'], made.ann)).stdout)),
    ).toBe(true);
    for (const token of Object.values(made)) expect(stdout).not.toContain(token.slice(15));
  });

  it('tells whose a fractal is, and lets nobody else delete it', async () => {
    const created = await faafo(['create', '--tasks', '1', '--width', '64', '--height', '64', '--iterations', '50'], made.bob);
    const uuid = created.stdout.trim();
    expect((await faafo(['show', uuid, '-f', 'value', '-c', 'owner'], made.bob)).stdout).toBe('bob\n');
    expect((await faafo(['list', '--owner', 'me', '-f', 'value', '-c', 'uuid'], made.bob)).stdout).toBe(`${uuid}\n`);
    expect((await faafo(['list', '--owner', 'me', '-f', 'value', '-c', 'uuid'], made.ann)).stdout).toBe('');
    const eve = (await faafo(['token', 'create', 'eve', '--role', 'creator'], made.ann)).stdout.trim();
    for (const words of [
      ['delete', uuid],
      ['cancel', uuid],
      ['retry', uuid],
    ]) {
      const refused = await faafo(words, eve);
      expect([refused.status, refused.stderr]).toEqual([
        1,
        expect.stringMatching(/is not yours: only whoever ordered it, or an admin/),
      ]);
    }
    const hijack = await faafo(['create', '--uuid', uuid, '--like', '/dev/null', '--width', '64'], eve);
    expect(hijack.status).not.toBe(0);
    expect((await faafo(['delete', uuid], made.bob)).status).toBe(0);
    // What was ordered before there were tokens belongs to nobody.
    const [orphan] = JSON.parse((await faafo(['list', '-f', 'json', '-c', 'uuid'], made.ann)).stdout) as { UUID: string }[];
    expect((await faafo(['delete', orphan!.UUID], made.bob)).status).toBe(1);
    expect((await faafo(['delete', orphan!.UUID], made.ann)).status).toBe(0);
  });

  it('takes the token from FAAFO_TOKEN, a file, or the configuration file, with a warning where others may read it', async () => {
    const path = join(folder.path, 'bob.token');
    await writeFile(path, `${made.bob}\n`, { mode: 0o600 });
    const quiet = await faafo(['list', '--token-file', path]);
    expect([quiet.status, quiet.stderr]).toEqual([0, '']);
    await chmod(path, 0o644);
    const warned = await faafo(['list', '--token-file', path]);
    expect([warned.status, warned.stderr]).toEqual([
      0,
      `faafo: warning: others may read ${path}, which holds a token: chmod 600 ${path}\n`,
    ]);
    // A flag is stronger than the environment.
    expect((await faafo(['list', '--token-file', path], 'nonsense')).status).toBe(0);
    const config = join(folder.path, 'conf', 'faafo.conf');
    await mkdir(join(folder.path, 'conf'));
    await writeFile(config, `token = ${made.bob}\n`, { mode: 0o644 });
    const configured = await faafo(['list', '--config-file', config]);
    expect([configured.status, configured.stderr]).toEqual([
      0,
      expect.stringMatching(/^faafo: warning: others may read .*faafo\.conf/),
    ]);
    await writeFile(config, `token = ${made.bob}\ntoken_file = ${path}\n`);
    expect((await faafo(['list', '--config-file', config])).stderr).toMatch(
      /Give either token in .* or token_file in .*, not both/,
    );
  });

  it('says what is wrong with a token without repeating it, and knows no flag for it', async () => {
    const typo = `${made.bob!.slice(0, -1)}${made.bob!.endsWith('x') ? 'y' : 'x'}`;
    for (const wrong of [typo, 'swordfish']) {
      const { status, stderr } = await faafo(['list'], wrong);
      expect([status, stderr]).toEqual([
        2,
        expect.stringMatching(/^faafo: FAAFO_TOKEN: this is no token of faafo, or one that was copied wrongly/),
      ]);
      expect(stderr).not.toContain(wrong.slice(-12));
    }
    expect((await faafo(['list', '--token', made.bob!])).status).toBe(2);
    const missing = await faafo(['list', '--token-file', '/nowhere/token']);
    expect([missing.status, missing.stderr]).toEqual([2, 'faafo: token_file: /nowhere/token cannot be read (ENOENT).\n']);
  });

  it('makes tokens to be exchanged, lists what is left of them, and revokes what they were exchanged for', async () => {
    const farm = await faafo(['token', 'enrol', 'farm', '--uses', '2', '--for', '30m'], made.ann);
    expect([farm.status, farm.stdout]).toEqual([0, expect.stringMatching(/^faafo_enrol_[0-9a-z]{8}_[0-9A-Za-z]{49}\n$/)]);
    expect(farm.stderr).toMatch(/^[0-9a-z]{8} enrols 2 workers until \d{4}-.*: put it into FAAFO_TOKEN or a token_file\.\n$/);
    const token = farm.stdout.trim();
    const id = token.split('_')[2]!;
    const asClient = await faafo(['list'], token);
    expect([asClient.status, asClient.stderr]).toEqual([
      2,
      expect.stringMatching(/this is an enrolment token: it is for faafo-worker/),
    ]);
    const worker = newAccessToken();
    const body = { id: worker.id, hash: hashAccessToken(worker.text), host: 'gpu-1' };
    await enrol(api.url, token, body, new AbortController().signal);
    const row = async (wanted: string) => {
      const { stdout } = await faafo(
        ['token', 'list', '-f', 'json', '-c', 'id', '-c', 'name', '-c', 'state', '-c', 'uses_left', '-c', 'enrolled_by'],
        made.ann,
      );
      return (JSON.parse(stdout) as Record<string, unknown>[]).find((each) => each.ID === wanted);
    };
    expect(await row(id)).toEqual({ ID: id, Name: 'farm', State: 'valid', 'Uses left': 1, 'Enrolled by': null });
    expect(await row(worker.id)).toMatchObject({ Name: `gpu-1-${worker.id}`, State: 'valid', 'Enrolled by': id });
    expect((await faafo(['token', 'list'], made.ann)).stdout).toMatch(new RegExp(`${id}.*\\b1 of 2\\b`));
    const revoked = await faafo(['token', 'revoke', '--with-workers', id, '--data-dir', folder.path]);
    expect(revoked.stderr).toBe(`revoked ${id} of farm, worker, and 1 token that it was exchanged for\n`);
    expect(await row(worker.id)).toMatchObject({ State: 'revoked' });
    for (const words of [
      ['--uses', '0'],
      ['--uses', '1.5'],
      ['--uses', '10001'],
      ['--for', '31d'],
      ['--for', 'never'],
      ['--role', 'admin'],
      ['--role', 'creator'],
    ]) {
      const wrong = await faafo(['token', 'enrol', 'farm', ...words], made.ann);
      expect([words, wrong.status, wrong.stdout]).toEqual([words, 2, '']);
    }
    const direct = await faafo(['token', 'enroll', 'farm', '--data-dir', folder.path]);
    expect([direct.status, direct.stderr]).toEqual([0, expect.stringMatching(/enrols one worker until/)]);
  });

  it('revokes, and says who', async () => {
    const id = made.bob!.split('_')[1]!;
    const revoked = await faafo(['token', 'revoke', id], made.ann);
    expect([revoked.status, revoked.stderr]).toEqual([0, `revoked ${id} of bob, creator\n`]);
    const refused = await faafo(['list'], made.bob);
    expect([refused.status, refused.stderr]).toEqual([
      1,
      expect.stringMatching(new RegExp(`^faafo: The token ${id} was revoked\\.`)),
    ]);
    expect((await faafo(['token', 'revoke', 'nothere0'], made.ann)).stderr).toBe('faafo: There is no token nothere0.\n');
  });

  it('goes to the database itself, beside the API that uses it and without one', async () => {
    const direct = ['--data-dir', folder.path];
    const beside = await faafo(['token', 'create', 'carl', '--role', 'viewer', ...direct]);
    expect([beside.status, beside.stdout]).toEqual([0, expect.stringMatching(TOKEN)]);
    expect((await faafo(['list'], beside.stdout.trim())).status).toBe(0);
    const listed = await faafo(['token', 'list', ...direct, '-f', 'value', '-c', 'name']);
    expect(listed.stdout.split('\n')[0]).toBe('carl');
    expect((await faafo(['token', 'revoke', beside.stdout.split('_')[1]!, ...direct])).status).toBe(0);
    await until(async () => (await faafo(['list'], beside.stdout.trim())).status === 1);

    await using fresh = await temporaryFolder();
    const first = await faafo(['token', 'create', 'ann', '--role', 'admin', '--data-dir', join(fresh.path, 'data')]);
    expect([first.status, first.stdout]).toEqual([0, expect.stringMatching(TOKEN)]);
    await using closed = await startApi({ dataDir: join(fresh.path, 'data') });
    expect((await fetch(`${closed.url}/v1/fractal`)).status).toBe(401);
    expect(
      (await fetch(`${closed.url}/v1/fractal`, { headers: { authorization: `Bearer ${first.stdout.trim()}` } })).status,
    ).toBe(200);
    await closed.stop();

    const old = join(fresh.path, 'old.db');
    // held by name: a connection that nothing refers to is closed by the next garbage collection, and its lock goes with it
    using holder = new DatabaseSync(`${old}.lock`);
    holder.exec('begin exclusive');
    const refused = await faafo(['token', 'list', '--database-url', `sqlite:///${old}`]);
    expect([refused.status, refused.stderr]).toEqual([1, expect.stringMatching(/is of an older release: start it anew/)]);
  });
});
