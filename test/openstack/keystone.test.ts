import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findCloud } from '../../src/openstack/clouds.ts';
import { openService } from '../../src/openstack/service.ts';
import { type PrivateKeystone, startKeystone } from '../support/servers/keystone.ts';

/** Longer than a slow machine takes for a few calls. */
const TOKEN_SECONDS = 10;
const USER = { name: 'ada', password: 'ü:@/ "\\', project: 'engines' };

describe('a service of a cloud with a real Keystone', () => {
  let keystone: PrivateKeystone;
  let environment: Record<string, string>;
  let ids: { userId: string; projectId: string };
  beforeAll(async () => {
    keystone = await startKeystone({ tokenSeconds: TOKEN_SECONDS });
    ids = await keystone.addUser({ ...USER, roles: ['member'] });
    environment = keystone.environmentOf(USER);
  }, 120_000);
  afterAll(() => keystone?.[Symbol.asyncDispose]());

  /** Who Keystone takes the caller for: the service is Keystone itself. */
  const whoAmI = async (variables: Record<string, string>, type = 'identity') => {
    await using service = openService(await findCloud(variables), type);
    return await ask(service);
  };
  const ask = async (service: ReturnType<typeof openService>) => {
    const answer = await service.send({ method: 'GET', path: '/auth/projects', expected: [200] });
    const pieces: Uint8Array[] = [];
    for await (const piece of answer.bytes) pieces.push(piece);
    const { projects } = JSON.parse(Buffer.concat(pieces).toString()) as { projects: { name: string }[] };
    return projects.map(({ name }) => name);
  };
  const login = async () => {
    const domain = { id: 'default' };
    const user = { name: USER.name, password: USER.password, domain };
    const scope = { project: { name: USER.project, domain } };
    const body = JSON.stringify({ auth: { identity: { methods: ['password'], password: { user } }, scope } });
    const answer = await fetch(`${keystone.url}/auth/tokens`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    return answer.headers.get('x-subject-token')!;
  };

  it('takes a password, with names and with ids, and an address with and without its version', async () => {
    expect(await whoAmI(environment)).toEqual(['engines']);
    expect(await whoAmI({ ...environment, OS_AUTH_URL: `${keystone.url.replace('/v3', '')}/` })).toEqual(['engines']);
    const { userId, projectId } = ids;
    const byId = { OS_AUTH_URL: keystone.url, OS_USER_ID: userId, OS_PASSWORD: USER.password, OS_PROJECT_ID: projectId };
    expect(await whoAmI(byId)).toEqual(['engines']);
  });

  it('takes an application credential, by id and by name', async () => {
    const token = await login();
    const answer = await fetch(`${keystone.url}/users/${ids.userId}/application_credentials`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-auth-token': token },
      body: JSON.stringify({ application_credential: { name: 'faafo', secret: 'hush' } }),
    });
    const { application_credential: made } = (await answer.json()) as { application_credential: { id: string } };
    const common = { OS_AUTH_URL: keystone.url, OS_APPLICATION_CREDENTIAL_SECRET: 'hush' };
    expect(await whoAmI({ ...common, OS_APPLICATION_CREDENTIAL_ID: made.id })).toEqual(['engines']);
    const byName = { OS_APPLICATION_CREDENTIAL_NAME: 'faafo', OS_USERNAME: USER.name, OS_USER_DOMAIN_NAME: 'Default' };
    expect(await whoAmI({ ...common, OS_AUTH_TYPE: 'v3applicationcredential', ...byName })).toEqual(['engines']);
  });

  it('takes a token', async () => {
    const token = await login();
    const scope = { OS_PROJECT_NAME: USER.project, OS_PROJECT_DOMAIN_ID: 'default' };
    expect(await whoAmI({ OS_AUTH_URL: keystone.url, OS_AUTH_TYPE: 'token', OS_TOKEN: token, ...scope })).toEqual(['engines']);
  });

  it('asks for another token before its own expires, and for one only, however many call', async () => {
    await using service = openService(await findCloud(environment), 'identity');
    const issued = async () => (await keystone.log()).split('POST /v3/auth/tokens').length;
    const before = await issued();
    await Promise.all(Array.from({ length: 5 }, () => ask(service)));
    expect((await issued()) - before).toBe(1);
    await sleep(TOKEN_SECONDS * 1000 + 500);
    await Promise.all(Array.from({ length: 5 }, () => ask(service)));
    expect((await issued()) - before).toBe(2);
  });

  it('says in one line which call failed, and why, without the password', async () => {
    const wrong = whoAmI({ ...environment, OS_PASSWORD: 'hush' });
    await expect(wrong).rejects.toThrow(
      /^Keystone at 127\.0\.0\.1:\d+: POST \/v3\/auth\/tokens failed: 401 Unauthorized: The request you have made requires authentication\.$/,
    );
    await expect(wrong).rejects.not.toThrow(/hush/);
    await expect(whoAmI({ ...environment, OS_AUTH_URL: 'http://127.0.0.1:9/v3' })).rejects.toThrow(
      /^Keystone at 127\.0\.0\.1:9: POST \/v3\/auth\/tokens failed, 5 times: connect ECONNREFUSED 127\.0\.0\.1:9\.$/,
    );
  });

  it('chooses by region and interface, and says what there is when that is not there', async () => {
    expect(await whoAmI({ ...environment, OS_INTERFACE: 'internalURL' })).toEqual(['engines']);
    await expect(whoAmI({ ...environment, OS_REGION_NAME: 'Elsewhere' })).rejects.toThrow(
      /^The cloud envvars has no identity that is public in Elsewhere; its catalogue has .*public in RegionOne/,
    );
    await expect(whoAmI(environment, 'object-store')).rejects.toThrow(
      /has no object-store .* its catalogue has only identity\.$/,
    );
    const elsewhere = { OS_OBJECT_STORE_ENDPOINT_OVERRIDE: `${keystone.url}/` };
    expect(await whoAmI({ ...environment, ...elsewhere }, 'object-store')).toEqual(['engines']);
  });

  it('finds volumes by either of their names', async () => {
    await expect(whoAmI(environment, 'block-storage')).rejects.toThrow(/has no block-storage /);
    await keystone.addService('volumev3', keystone.url);
    expect(await whoAmI(environment, 'block-storage')).toEqual(['engines']);
  });
});
