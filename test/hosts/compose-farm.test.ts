import { chown, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Client } from '../../src/http/client.ts';
import { startPostgres } from '../support/servers/postgres.ts';
import { serverFolder } from '../support/servers/private-server.ts';
import { startRabbitmq } from '../support/servers/rabbitmq.ts';
import { until } from '../support/until.ts';
import { type ComposeService, composeEnv, readCompose } from './support/compose-file.ts';
import { Container } from './support/container.ts';
import { forward } from './support/forward.ts';
import { type Image, openImages } from './support/images.ts';
import { connect, ip, openNetwork } from './support/network.ts';

const portOf = (url: string): number => Number(new URL(url).port);
const bare = (address: string): string => address.split('/')[0]!;

/**
 * What an engine would make of compose.yaml, as far as it is ours: each service with its command, user, variables, rights, files and name, on a network of its own where
 * PostgreSQL and RabbitMQ answer under their names, at their ports, to the passwords that compose.yaml gives them. Their images are not here.
 */
describe('the farm of compose.yaml', () => {
  const opened = new AsyncDisposableStack();
  let services: Readonly<Record<string, ComposeService>>;
  let image: Image;
  let api: Container;
  let client: Client;
  const workers: Container[] = [];
  let start: (name: string, instance?: number) => Promise<Container>;
  let apiUrl: string;

  const startServers = async (address: string): Promise<void> => {
    const { POSTGRES_USER, POSTGRES_DB, POSTGRES_PASSWORD } = services.postgres!.environment;
    const postgres = opened.use(await startPostgres());
    // The private one has the same user and database, and lets everybody in.
    expect([POSTGRES_USER, POSTGRES_DB]).toEqual(['faafo', 'faafo']);
    const sql = new pg.Client({ connectionString: postgres.url });
    await sql.connect();
    await sql.query(`ALTER USER faafo PASSWORD '${POSTGRES_PASSWORD}'`);
    await writeFile(join(postgres.folder, 'data/pg_hba.conf'), 'host all all 127.0.0.1/32 scram-sha-256\n');
    await sql.query('SELECT pg_reload_conf()');
    await sql.end();
    opened.use(await forward(address, 5432, portOf(postgres.url)));
    const { RABBITMQ_DEFAULT_USER: user, RABBITMQ_DEFAULT_PASS, RABBITMQ_DEFAULT_VHOST: vhost } = services.rabbitmq!.environment;
    const broker = opened.use(await startRabbitmq());
    await broker.ctl('delete_user', 'guest');
    await broker.ctl('add_vhost', vhost!);
    await broker.ctl('add_user', user!, RABBITMQ_DEFAULT_PASS!);
    await broker.ctl('set_permissions', '-p', vhost!, user!, '.*', '.*', '.*');
    opened.use(await forward(address, 5672, portOf(broker.url)));
  };

  beforeAll(async () => {
    const images = opened.use(await openImages());
    image = await images.build();
    ({ services } = await readCompose(await composeEnv()));
    const network = opened.use(await openNetwork());
    await startServers(network.gateway);
    const folder = await serverFolder('compose');
    opened.defer(() => rm(folder, { recursive: true, force: true }));
    const apiAddress = network.nextAddress();
    apiUrl = `http://${bare(apiAddress)}:${services.api!.ports![0]!.target}`;
    await writeFile(
      join(folder, 'hosts'),
      `127.0.0.1 localhost\n${network.gateway} postgres rabbitmq\n${bare(apiAddress)} api\n`,
    );
    // A new volume is what the image has there: of its user, for nobody else.
    const volume = async (name: string): Promise<string> => {
      const path = join(folder, name);
      await mkdir(path, { mode: 0o700 }).then(
        () => chown(path, 10001, 10001),
        () => undefined,
      );
      return path;
    };
    start = async (name, instance = 0) => {
      const service = services[name]!;
      const net = `${network.bridge}-${name}${instance}`;
      await connect(net, network.bridge, name === 'api' ? apiAddress : network.nextAddress());
      opened.defer(async () => void (await ip('netns', 'del', net)));
      await ip('-n', net, 'link', 'set', 'lo', 'up');
      const volumes = [];
      for (const each of service.volumes ?? []) {
        const [source, target, mode] = each.split(':') as [string, string, string?];
        volumes.push({ source: await volume(source), target, readOnly: mode === 'ro' });
      }
      const container = new Container(image, {
        net,
        environment: service.environment,
        readOnly: service.read_only ?? false,
        dropsAll: service.cap_drop?.includes('ALL') ?? false,
        noNewPrivileges: service.security_opt?.includes('no-new-privileges:true') ?? false,
        tmpfs: service.tmpfs ?? [],
        volumes: [...volumes, { source: join(folder, 'hosts'), target: '/etc/hosts', readOnly: true }],
        ...(service.command && { command: service.command }),
        ...(service.user !== undefined && { user: service.user }),
      });
      return opened.use(container);
    };
  });
  afterAll(() => opened.disposeAsync());

  const healthOf = async (name: string, container: Container): Promise<number> => {
    const [kind, ...command] = services[name]!.healthcheck?.test ?? image.config.Healthcheck.Test;
    expect(kind).toBe('CMD');
    return (await container.exec(command)).status;
  };

  it('makes the first tokens, once, however often it is started', async () => {
    const first = await start('tokens', 1);
    expect([await first.ended(), first.said]).toEqual([
      0,
      expect.stringMatching(/^\w+ of admin, admin, never expires\..*\n\w+ of worker, worker, never expires\..*\n$/),
    ]);
    const second = await start('tokens', 2);
    expect([await second.ended(), second.said]).toEqual([0, '']);
  });

  it('has an API that is healthy, and a token to sign in with', async () => {
    api = await start('api');
    await api.awaitWords('faafo is ready');
    await until(async () => (await healthOf('api', api)) === 0, 30_000);
    const token = (await api.exec(['cat', '/tokens/admin'])).output.trim();
    expect(token).toMatch(/^faafo_\w+$/);
    client = new Client(apiUrl, { token });
    const { objects } = await client.tokens();
    expect(objects.map(({ role }) => role).sort()).toEqual(['admin', 'worker']);
    expect((await fetch(`${apiUrl}/v1/fractal`)).status).toBe(401);
  });

  it('draws on workers of which there are several', async () => {
    for (const instance of [1, 2]) workers.push(await start('worker', instance));
    for (const worker of workers) {
      await worker.awaitWords('faafo-worker is ready');
      await until(async () => (await healthOf('worker', worker)) === 0, 30_000);
    }
    await until(async () => (await client.status()).workers.count === 2, 30_000);
    const order = { uuid: crypto.randomUUID(), width: 600, height: 400, iterations: 300, xa: -2, xb: 2, ya: -1.5, yb: 1.5 };
    await client.order(order);
    await until(async () => (await client.find(order.uuid)).state === 'done', 60_000);
  });

  it('gives its programs nothing to write on but their data, no right, and none that they could gain', async () => {
    for (const container of [api, ...workers]) {
      const { output } = await container.exec(['cat', '/proc/1/status']);
      expect(output.match(/^(?:Uid|CapPrm|CapEff|CapBnd|CapAmb|NoNewPrivs):.*$/gm)).toEqual([
        'Uid:\t10001\t10001\t10001\t10001',
        ...['CapPrm', 'CapEff', 'CapBnd', 'CapAmb'].map((set) => `${set}:\t0000000000000000`),
        'NoNewPrivs:\t1',
      ]);
      const writes = async (path: string) => (await container.exec(['touch', path])).output;
      expect(await writes('/opt/faafo/x')).toContain('Read-only file system');
      expect(await writes('/tokens/x')).toContain('Read-only file system');
      expect([await writes('/tmp/x'), await writes('/data/x')]).toEqual(['', '']);
    }
  });

  it('ends cleanly', async () => {
    for (const container of [...workers, api]) expect(await container.stop()).toBe(0);
  });
});
