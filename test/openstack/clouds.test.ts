import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findCloud } from '../../src/openstack/clouds.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** A home with those files in ~/.config/openstack. */
async function home(files: Readonly<Record<string, string>>) {
  const folder = await temporaryFolder();
  const place = join(folder.path, '.config', 'openstack');
  await mkdir(place, { recursive: true });
  for (const [name, text] of Object.entries(files)) await writeFile(join(place, name), text);
  return { env: { HOME: folder.path }, place, [Symbol.asyncDispose]: folder[Symbol.asyncDispose] };
}

const TWO = `clouds:
  one: {auth: {auth_url: "https://one/v3", username: ada, project_name: engines}, region_name: North}
  two:
    auth: {auth_url: "https://two:5000", application_credential_id: abc, application_credential_secret: from-clouds}
    auth_type: v3applicationcredential
    regions: [{name: South}, East]
    interface: internal
    cacert: /etc/ssl/two.pem
    verify: false
    object_store_endpoint_override: https://swift/v1/AUTH_x
`;

describe('which cloud is meant', () => {
  it('is said by the variables, as openrc files set them', async () => {
    const env = {
      OS_AUTH_URL: 'https://c:5000/v3',
      OS_USERNAME: 'ada',
      OS_PASSWORD: 'hush',
      OS_PROJECT_NAME: 'engines',
      OS_USER_DOMAIN_NAME: 'Default',
      OS_REGION_NAME: 'North',
      OS_CACERT: '/ca.pem',
      OS_ENDPOINT_TYPE: 'internalURL',
      OS_INSECURE: 'true',
    };
    expect(await findCloud(env)).toMatchObject({
      name: 'envvars',
      authType: 'password',
      auth: {
        auth_url: 'https://c:5000/v3',
        username: 'ada',
        password: 'hush',
        project_name: 'engines',
        user_domain_name: 'Default',
      },
      regionName: 'North',
      interface: 'internal',
      caFile: '/ca.pem',
      verify: false,
    });
    const old = await findCloud({ OS_AUTH_URL: 'https://c', OS_USERNAME: 'a', OS_PASSWORD: 'b', OS_TENANT_NAME: 'engines' });
    expect(old).toMatchObject({ auth: { project_name: 'engines' }, interface: 'public', verify: true });
  });

  it('is one of clouds.yaml, with its secrets from secure.yaml, where OS_CLOUD names it', async () => {
    await using files = await home({
      'clouds.yaml': TWO,
      'secure.yaml': 'clouds: {two: {auth: {application_credential_secret: from-secure}}, one: {auth: {password: hush}}}',
    });
    // The variables are another cloud.
    const env = { ...files.env, OS_CLOUD: 'two', OS_AUTH_URL: 'https://other', OS_PASSWORD: 'x', OS_USERNAME: 'y' };
    expect(await findCloud(env)).toEqual({
      name: 'two',
      authType: 'applicationcredential',
      auth: expect.objectContaining({ auth_url: 'https://two:5000', application_credential_secret: 'from-secure' }),
      regionName: 'South',
      interface: 'internal',
      caFile: '/etc/ssl/two.pem',
      verify: false,
      endpoints: { object_store: 'https://swift/v1/AUTH_x' },
    });
    expect(await findCloud({ ...files.env, OS_CLOUD: 'one' })).toMatchObject({ auth: { password: 'hush' }, regionName: 'North' });
  });

  it('is the only one of clouds.yaml where nothing else is said, and the file that OS_CLIENT_CONFIG_FILE names comes first', async () => {
    const only = (url: string) => `clouds: {mine: {auth: {auth_url: "${url}", token: t}}}`;
    await using files = await home({ 'clouds.yml': only('https://usual'), 'named.json': only('https://named') });
    expect(await findCloud(files.env)).toMatchObject({ name: 'mine', authType: 'token', auth: { auth_url: 'https://usual' } });
    const env = { ...files.env, OS_CLIENT_CONFIG_FILE: join(files.place, 'named.json') };
    expect(await findCloud(env)).toMatchObject({ auth: { auth_url: 'https://named' } });
  });

  it('is said to be missing in a sentence, which shows no secret', async () => {
    await using files = await home({ 'clouds.yaml': TWO });
    await using broken = await home({ 'clouds.yaml': 'clouds: {a: {auth: {password: hush' });
    await using none = await home({});
    const refusals: [Record<string, string>, RegExp][] = [
      [none.env, /^Neither OS_AUTH_URL nor OS_CLOUD is set, and there is no clouds\.yaml/],
      [{ ...none.env, OS_CLOUD: 'two' }, /^OS_CLOUD is two, and there is no clouds\.yaml/],
      [files.env, /has several clouds: set OS_CLOUD to one of one, two\.$/],
      [{ ...files.env, OS_CLOUD: 'three' }, /has no cloud three; it has one, two\.$/],
      [{ ...files.env, OS_CLOUD: 'one' }, /^The cloud one has no password\.$/],
      [broken.env, /clouds\.yaml is no YAML\.$/],
      [{ OS_AUTH_URL: 'https://c', OS_AUTH_TYPE: 'v3oidcpassword' }, /auth_type that is not known: v3oidcpassword\.$/],
      [{ OS_AUTH_URL: 'https://c/v2.0', OS_IDENTITY_API_VERSION: '2.0', OS_PASSWORD: 'p' }, /only version 3 is spoken\.$/],
    ];
    for (const [env, message] of refusals) {
      const refused = findCloud(env);
      await expect(refused).rejects.toThrow(message);
      await expect(refused).rejects.not.toThrow(/hush|from-clouds/);
      await expect(refused).rejects.toMatchObject({ code: 'invalid' });
    }
  });
});
