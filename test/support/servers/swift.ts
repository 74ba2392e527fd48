import { mkdir, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { type PrivateKeystone, startKeystone } from './keystone.ts';
import { needProgram, type PrivateServer, runProgram, serverFolder, startServer } from './private-server.ts';
import { freePort } from './processes.ts';
import { partConfig, proxyConfig, RING_SCRIPT, SWIFT_PARTS, type SwiftPart, type SwiftPlan } from './swift-config.ts';

const SERVICE_PASSWORD = 'service-secret';
const USER = { name: 'faafo', password: 'pass:w@rd/ %', project: 'fractals' };

export interface PrivateSwift extends AsyncDisposable {
  readonly keystone: PrivateKeystone;
  readonly proxy: PrivateServer;
  /** behind the proxy: to be stopped one by one */
  readonly parts: Readonly<Record<SwiftPart, PrivateServer>>;
  /** where its S3 interface is */
  readonly s3Endpoint: string;
  /** OS_* variables of a user who may keep objects */
  readonly environment: Readonly<Record<string, string>>;
  readonly projectId: string;
  /** variables of the same user, as S3's clients read them */
  readonly s3Environment: Readonly<Record<string, string>>;
  /** A call of the object store as that user, or as one who may also set an account's quota. */
  call(method: string, path: string, headers?: Record<string, string>, as?: 'user' | 'admin'): Promise<Response>;
}

/**
 * A whole Swift with Keystone: proxy with S3 and large objects, and one account, container and object server.
 * @param options of a Keystone of its own (see startKeystone), or one that is there and stays
 */
export async function startSwift(options: { tokenSeconds?: number; keystone?: PrivateKeystone } = {}): Promise<PrivateSwift> {
  for (const part of ['proxy', ...SWIFT_PARTS]) needProgram(`/usr/bin/swift-${part}-server`, `swift-${part}`);
  const memcached = needProgram('/usr/bin/memcached', 'memcached');
  await using undo = new AsyncDisposableStack();
  const keystone = options.keystone ?? undo.use(await startKeystone(options));
  const folder = await serverFolder('swift');
  undo.defer(() => rm(folder, { recursive: true, force: true }));
  const ports = {
    proxy: await freePort(),
    account: await freePort(),
    container: await freePort(),
    object: await freePort(),
    memcached: await freePort(),
  };
  const plan: SwiftPlan = { folder, keystoneUrl: keystone.url, servicePassword: SERVICE_PASSWORD, ports };
  const endpoint = `http://127.0.0.1:${ports.proxy}`;

  const start = async (name: string, port: number, command: readonly string[], stopSignal: NodeJS.Signals = 'SIGTERM') => {
    const own = `${folder}/of-${name}`;
    await mkdir(own);
    const isReady = name === 'proxy' ? async () => (await fetch(`${endpoint}/healthcheck`)).ok : () => listens(port);
    return undo.use(await startServer({ folder: own, url: `http://127.0.0.1:${port}`, command, stopSignal, isReady }));
  };
  const startPart = async (part: SwiftPart | 'proxy', config: string) => {
    const file = `${folder}/${part}-server.conf`;
    await writeFile(file, config);
    return await start(part, ports[part], [`/usr/bin/swift-${part}-server`, file, '-v']);
  };
  const setUp = async () => {
    await keystone.addUser({ name: 'swift', password: SERVICE_PASSWORD, project: 'service', roles: ['admin', 'service'] });
    const { userId, projectId } = await keystone.addUser({ ...USER, roles: ['member'] });
    await keystone.addService('object-store', `${endpoint}/v1/AUTH_%(tenant_id)s`);
    const path = `/users/${userId}/credentials/OS-EC2`;
    const { credential } = await keystone.call<{ credential: { access: string; secret: string } }>('POST', path, {
      tenant_id: projectId,
    });
    return { projectId, credential };
  };
  await mkdir(`${folder}/node/d1`, { recursive: true });
  await writeFile(`${folder}/swift.conf`, '[swift-hash]\nswift_hash_path_suffix = faafo\n[swift-constraints]\n');
  await runProgram(['/usr/bin/python3', '-c', RING_SCRIPT, folder, ...SWIFT_PARTS.map((part) => `${part}:${ports[part]}`)]);
  const [, account, container, object, { projectId, credential }] = await Promise.all([
    start('memcached', ports.memcached, [
      memcached,
      '-u',
      'root',
      '-l',
      '127.0.0.1',
      '-p',
      String(ports.memcached),
      '-U',
      '0',
      '-m',
      '16',
    ]),
    startPart('account', partConfig(plan, 'account')),
    startPart('container', partConfig(plan, 'container')),
    startPart('object', partConfig(plan, 'object')),
    setUp(),
  ]);
  const proxy = await startPart('proxy', proxyConfig(plan));
  const all = undo.move();
  return {
    keystone,
    proxy,
    parts: { account, container, object },
    s3Endpoint: endpoint,
    environment: keystone.environmentOf(USER),
    projectId,
    s3Environment: { AWS_ACCESS_KEY_ID: credential.access, AWS_SECRET_ACCESS_KEY: credential.secret, AWS_REGION: 'us-east-1' },
    call: async (method, path, headers = {}, as = 'user') => {
      const token = await tokenFor(keystone, as);
      return await fetch(`${endpoint}/v1/AUTH_${projectId}${path}`, { method, headers: { ...headers, 'x-auth-token': token } });
    },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

async function tokenFor({ url, addUser }: PrivateKeystone, as: 'user' | 'admin'): Promise<string> {
  // Who sets an account's quota must be more than a member of it.
  if (as === 'admin') await addUser({ name: 'quotas', password: SERVICE_PASSWORD, project: USER.project, roles: ['admin'] });
  const domain = { id: 'default' };
  const user =
    as === 'user' ? { name: USER.name, password: USER.password, domain } : { name: 'quotas', password: SERVICE_PASSWORD, domain };
  const scope = { project: { name: USER.project, domain } };
  const body = JSON.stringify({ auth: { identity: { methods: ['password'], password: { user } }, scope } });
  const answer = await fetch(`${url}/auth/tokens`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  return answer.headers.get('x-subject-token')!;
}

const listens = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
