import { mkdir, rm, writeFile } from 'node:fs/promises';
import { needProgram, type PrivateServer, runProgram, serverFolder, startServer } from './private-server.ts';
import { freePort } from './processes.ts';

/** The ones in /usr/sbin change the user. */
const PROGRAMS = '/usr/lib/rabbitmq/bin';

export interface PrivateBroker extends PrivateServer {
  /** Forgets everything, as a lost disk does; only while stopped. */
  eraseData(): Promise<void>;
  /** Runs rabbitmqctl on it (a second or two). @returns what it wrote. @throws with what it complained about */
  ctl(...words: string[]): Promise<string>;
}

/** A RabbitMQ of its own. @param options.conf more lines for rabbitmq.conf; a later line for the same key wins */
export async function startRabbitmq(options: { readonly conf?: readonly string[] } = {}): Promise<PrivateBroker> {
  needProgram(`${PROGRAMS}/rabbitmq-server`, 'rabbitmq-server');
  const folder = await serverFolder('rabbitmq');
  const port = await freePort();
  await writeFile(`${folder}/enabled_plugins`, '[].\n');
  await writeFile(`${folder}/rabbitmq.conf`, confOf(port, options.conf ?? []));
  const env = await environment(folder);
  const server = await startServer({
    folder,
    url: `amqp://guest:guest@127.0.0.1:${port}/`,
    // Erlang's port mapper is started here, as a child, because the one that Erlang starts outlives it.
    command: ['/bin/sh', '-c', `epmd -port "$ERL_EPMD_PORT" -address 127.0.0.1 & exec ${PROGRAMS}/rabbitmq-server`],
    env,
    stopSignal: 'SIGTERM',
    isReady: async (log) => log.includes('Server startup complete'),
  });
  return {
    ...server,
    eraseData: () => rm(`${folder}/mnesia`, { recursive: true, force: true }),
    ctl: (...words) => runProgram([`${PROGRAMS}/rabbitmqctl`, '--quiet', ...words], env),
  };
}

function confOf(port: number, more: readonly string[]): string {
  const lines = [
    `listeners.tcp.1 = 127.0.0.1:${port}`,
    'loopback_users = none',
    'log.console = true',
    'log.file = false',
    'vm_memory_high_watermark.absolute = 512MB',
    'disk_free_limit.absolute = 50MB',
    ...more,
  ];
  return lines.map((line) => `${line}\n`).join('');
}

async function environment(folder: string): Promise<NodeJS.ProcessEnv> {
  const [epmdPort, distributionPort] = [await freePort(), await freePort()];
  await mkdir(`${folder}/mnesia`);
  return {
    PATH: process.env.PATH,
    LANG: 'C.UTF-8',
    HOME: folder,
    ERL_EPMD_PORT: String(epmdPort),
    ERL_EPMD_ADDRESS: '127.0.0.1',
    RABBITMQ_NODENAME: `faafo${distributionPort}@localhost`,
    RABBITMQ_DIST_PORT: String(distributionPort),
    RABBITMQ_CONF_ENV_FILE: '/dev/null',
    RABBITMQ_CONFIG_FILE: `${folder}/rabbitmq.conf`,
    RABBITMQ_ENABLED_PLUGINS_FILE: `${folder}/enabled_plugins`,
    RABBITMQ_MNESIA_BASE: `${folder}/mnesia`,
    RABBITMQ_LOG_BASE: `${folder}/log`,
    RABBITMQ_GENERATED_CONFIG_DIR: `${folder}/generated`,
    RABBITMQ_FEATURE_FLAGS_FILE: `${folder}/mnesia/feature_flags`,
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '-kernel inet_dist_use_interface {127,0,0,1}',
    ERL_CRASH_DUMP_SECONDS: '0',
  };
}
