import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';
import { needProgram, type PrivateServer, runProgram, serverFolder, startServer } from './private-server.ts';
import { freePort } from './processes.ts';

const ADMIN_PASSWORD = 'admin-secret';
const REGION = 'RegionOne';

export interface PrivateKeystone extends PrivateServer {
  /** its URL ends with /v3 */
  readonly url: string;
  readonly region: string;
  /** of the user `admin` in the project `admin` */
  readonly adminPassword: string;
  /** OS_* variables of a user, as OpenStack's clients read them */
  environmentOf(user: { readonly name: string; readonly password: string; readonly project: string }): Record<string, string>;
  /** A call as its administrator. @throws unless it succeeds */
  call<T>(method: string, path: string, body?: object): Promise<T>;
  /** A project, and a user with those roles in it. Also where they are there already. */
  addUser(user: {
    name: string;
    password: string;
    project: string;
    roles: readonly string[];
  }): Promise<{ userId: string; projectId: string }>;
  /** A line of the catalogue. @param url may hold %(tenant_id)s */
  addService(type: string, url: string): Promise<void>;
}

export interface KeystoneOptions {
  /** how long its tokens last */
  readonly tokenSeconds?: number;
  /** it remembers what it has read, which costs the next to ask a fraction; then a revoked token may be good for a moment */
  readonly cached?: boolean;
}

/** A Keystone of its own, on SQLite. */
export async function startKeystone({ tokenSeconds = 3600, cached = false }: KeystoneOptions = {}): Promise<PrivateKeystone> {
  const uwsgi = needProgram('/usr/bin/uwsgi_python3', 'keystone');
  const manage = needProgram('/usr/bin/keystone-manage', 'keystone');
  const folder = await serverFolder('keystone');
  const url = `http://127.0.0.1:${await freePort()}/v3`;
  const config = `${folder}/keystone.conf`;
  await writeFile(config, configuration(folder, { tokenSeconds, cached }));
  await Promise.all(['fernet', 'credential'].map((name) => makeKeys(`${folder}/${name}`)));
  const run = (...words: string[]) => runProgram([manage, '--config-file', config, ...words]);
  await run('db_sync');
  letReadersIn(`${folder}/keystone.db`);
  const endpoints = ['admin', 'internal', 'public'].flatMap((name) => [`--bootstrap-${name}-url`, url]);
  await run('bootstrap', '--bootstrap-password', ADMIN_PASSWORD, ...endpoints, '--bootstrap-region-id', REGION);
  const server = await startServer({
    folder,
    url,
    command: [
      uwsgi,
      ...['--master', '--die-on-term', '--lazy-apps', '--need-app', '--enable-threads', '--buffer-size=65535'],
      // It closes connections without saying so otherwise.
      '--add-header=Connection: close',
      `--http-socket=${new URL(url).host}`,
      '--wsgi-file=/usr/bin/keystone-wsgi-public',
    ],
    env: { ...process.env, OS_KEYSTONE_CONFIG_FILES: config },
    stopSignal: 'SIGTERM',
    isReady: async () => (await fetch(url, { signal: AbortSignal.timeout(20_000) })).ok,
  });
  const environmentOf: PrivateKeystone['environmentOf'] = (user) => environmentAt(url, user);
  return { ...server, region: REGION, adminPassword: ADMIN_PASSWORD, environmentOf, ...(await administerKeystone(url)) };
}

/** OS_* variables of a user of a Keystone that startKeystone started. */
export function environmentAt(
  url: string,
  { name, password, project }: { readonly name: string; readonly password: string; readonly project: string },
): Record<string, string> {
  return {
    OS_AUTH_URL: url,
    OS_IDENTITY_API_VERSION: '3',
    OS_REGION_NAME: REGION,
    OS_USERNAME: name,
    OS_PASSWORD: password,
    OS_PROJECT_NAME: project,
    OS_USER_DOMAIN_NAME: 'Default',
    OS_PROJECT_DOMAIN_NAME: 'Default',
  };
}

/** The same Keystone as its administrator, also from another process. */
export async function administerKeystone(url: string): Promise<Pick<PrivateKeystone, 'call' | 'addUser' | 'addService'>> {
  const domain = { id: 'default' };
  const user = { name: 'admin', password: ADMIN_PASSWORD, domain };
  const auth = { identity: { methods: ['password'], password: { user } }, scope: { project: { name: 'admin', domain } } };
  const logIn = async () => {
    const login = await fetch(`${url}/auth/tokens`, { method: 'POST', headers: JSON_BODY, body: JSON.stringify({ auth }) });
    return login.headers.get('x-subject-token') ?? Promise.reject(new Error(`no token: ${login.status} ${await login.text()}`));
  };
  let token = await logIn();

  const call = async <T>(method: string, path: string, body?: object): Promise<T> => {
    const send = () =>
      fetch(url + path, {
        method,
        headers: { ...JSON_BODY, 'x-auth-token': token },
        ...(body && { body: JSON.stringify(body) }),
      });
    let answer = await send();
    if (answer.status === 401) {
      token = await logIn();
      answer = await send();
    }
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return (text === '' ? undefined : JSON.parse(text)) as T;
  };
  const ensure = async (kind: string, name: string, rest: object = {}): Promise<string> => {
    const found = await call<Record<string, { id: string }[]>>('GET', `/${kind}s?name=${name}`);
    const id = found[`${kind}s`]?.[0]?.id;
    if (id) return id;
    return (await call<Record<string, { id: string }>>('POST', `/${kind}s`, { [kind]: { name, ...rest } }))[kind]!.id;
  };
  return {
    call,
    addUser: async ({ name, password, project, roles }) => {
      const projectId = await ensure('project', project, { domain_id: 'default' });
      const userId = await ensure('user', name, { domain_id: 'default', password });
      for (const role of roles) await call('PUT', `/projects/${projectId}/users/${userId}/roles/${await ensure('role', role)}`);
      return { userId, projectId };
    },
    addService: async (type, endpoint) => {
      const { service } = await call<{ service: { id: string } }>('POST', '/services', { service: { type, name: type } });
      for (const face of ['public', 'internal']) {
        await call('POST', '/endpoints', {
          endpoint: { service_id: service.id, interface: face, region_id: REGION, url: endpoint },
        });
      }
    },
  };
}

const JSON_BODY = { 'content-type': 'application/json' };

const configuration = (folder: string, { tokenSeconds, cached }: Required<KeystoneOptions>) => `[DEFAULT]
use_stderr = true
[database]
connection = sqlite:///${folder}/keystone.db
[token]
provider = fernet
expiration = ${tokenSeconds}
allow_expired_window = 0
[fernet_tokens]
key_repository = ${folder}/fernet/
[identity]
password_hash_rounds = 4
[credential]
key_repository = ${folder}/credential/
# Keystone changes what it has remembered while it decrypts it, and fails the next time.
caching = false
[cache]
enabled = ${cached}
backend = dogpile.cache.memory
`;

/** A request reads on one connection while it writes on another: with SQLite's own journal it waits for itself. */
function letReadersIn(path: string): void {
  const database = new DatabaseSync(path);
  database.exec('PRAGMA journal_mode = WAL');
  database.close();
}

/** What keystone-manage fernet_setup makes, without waiting for Python. */
async function makeKeys(folder: string): Promise<void> {
  await mkdir(folder, { mode: 0o700 });
  for (const name of ['0', '1']) {
    const key = randomBytes(32).toString('base64').replaceAll('+', '-').replaceAll('/', '_');
    await writeFile(`${folder}/${name}`, key, { mode: 0o600 });
  }
}
