import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { access, mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { serverFolder } from '../../support/servers/private-server.ts';
import { awaitEnd, endWithThisProcess, familyOf, signalAll } from '../../support/servers/processes.ts';
import { until } from '../../support/until.ts';
import { debianRoot } from './debian-root.ts';
import { furnish, seed } from './furnish.ts';
import { connect, disconnect, type HostNetwork } from './network.ts';

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

export interface Ran {
  readonly status: number;
  /** stdout and stderr */
  readonly output: string;
}

/** A machine as a cloud gives it, as far as one machine can be many: processes, name, address, disk of its own. */
export interface Host extends AsyncDisposable {
  readonly name: string;
  readonly address: string;
  /** its disk, from outside */
  readonly disk: string;
  /** Runs a shell command in it as root, to its end. */
  run(command: string, env?: Readonly<Record<string, string>>): Promise<Ran>;
  /** The same. @returns what it wrote. @throws when it fails */
  ask(command: string): Promise<string>;
  /** Power off: SIGKILL to its first process. */
  kill(): Promise<void>;
  /** Power on; resolves when it has booted. */
  boot(): Promise<void>;
}

export interface HostOptions {
  readonly name: string;
  /** for cloud-init; nothing: it does nothing */
  readonly userData?: string;
  /** the package, which becomes /root/faafo.tgz beside install.sh and a way out to the mirrors; without it nothing of that is there */
  readonly tarball?: string;
  /** what lies on its disk before (bakedRoot); by default what an image of a cloud has */
  readonly root?: string;
  /** of the network's, with its prefix; the next one by default */
  readonly address?: string;
  /** is told where its disk is, before it boots */
  readonly onDisk?: (disk: string) => void | Promise<void>;
  /** how long its first boot may take */
  readonly seconds?: number;
}

/** Starts a host's first process, in name spaces of its own, on a disk that is the image with the host's changes on top. */
function powerOn(net: string, root: string, folder: string, log: number): ChildProcess {
  const disk = `${folder}/disk`;
  const mounts = [
    `mount -t overlay overlay -o lowerdir=${root},upperdir=${folder}/changes,workdir=${folder}/work ${disk}`,
    `mount -t proc proc ${disk}/proc`,
    `mount --rbind /sys ${disk}/sys`,
    `mount -t tmpfs tmpfs ${disk}/dev`,
    `cd ${disk}/dev`,
    'mknod -m 666 null c 1 3; mknod -m 666 zero c 1 5; mknod -m 666 random c 1 8; mknod -m 666 urandom c 1 9; mknod -m 666 tty c 5 0',
    'mkdir pts shm; mount -t devpts devpts pts; ln -s pts/ptmx ptmx; ln -s /proc/self/fd fd; ln -s fd/0 stdin; ln -s fd/1 stdout; ln -s fd/2 stderr',
    `cd /; exec chroot ${disk} /sbin/faafo-init`,
  ];
  const spaces = ['--mount', '--pid', '--uts', '--ipc', '--fork', '--kill-child', '--propagation', 'private'];
  // A cloud knows nothing of this machine's environment.
  return spawn('/sbin/ip', ['netns', 'exec', net, 'unshare', ...spaces, 'sh', '-ec', mounts.join('\n')], {
    detached: true,
    env: { PATH },
    stdio: ['ignore', log, log],
  });
}

/**
 * A new host, booted: resolves when cloud-init is done.
 * @throws with what its console says when it does not boot
 */
export async function startHost(
  network: HostNetwork,
  { name, userData = '', tarball, address = network.nextAddress(), onDisk, seconds = 900, ...given }: HostOptions,
): Promise<Host> {
  const folder = await serverFolder(`host-${name}`);
  const root = given.root ?? (await debianRoot());
  for (const part of ['disk', 'changes', 'work', 'seed']) await mkdir(join(folder, part));
  await seed(join(folder, 'changes'), { name, userData });
  if (tarball !== undefined) await furnish(join(folder, 'changes'), { tarball, proxy: network.outlet.url });
  const net = `${network.bridge}-${address.split('.')[3]!.split('/')[0]}`;
  await onDisk?.(join(folder, 'changes'));
  let first: ChildProcess | undefined;
  let pid = 0;
  let unguard = (): void => {};

  const kill = async (): Promise<void> => {
    if (!first?.pid) return;
    const family = familyOf(first.pid);
    signalAll(pid ? [pid] : [], 'SIGKILL');
    signalAll([first.pid], 'SIGKILL');
    await awaitEnd(family);
    unguard();
    first = undefined;
    await disconnect(net, network.bridge, address);
  };

  const boot = async (): Promise<void> => {
    await connect(net, network.bridge, address);
    const log = openSync(join(folder, 'console.txt'), 'a');
    first = powerOn(net, root, folder, log);
    closeSync(log);
    unguard = endWithThisProcess(first.pid!);
    const start = first;
    const hasEnded = () => start.exitCode !== null || start.signalCode !== null;
    pid = await until(() => hasEnded() || familyOf(start.pid!)[1], 20_000).then(Number);
    const isUp = () => access(`/proc/${pid}/root/run/booted`).then(() => true, hasEnded);
    const isBooted = await until(isUp, seconds * 1000).then(
      () => !hasEnded(),
      () => false,
    );
    if (isBooted) return;
    const said = await Promise.all(
      ['console.txt', 'changes/var/log/boot.log'].map((file) => readFile(join(folder, file), 'utf8').catch(() => '')),
    );
    throw new Error(`${name} does not boot:\n${said.join('\n')}`);
  };

  const run: Host['run'] = (command, env = {}) =>
    new Promise((resolve) => {
      const words = [
        '--target',
        String(pid),
        '--all',
        `--root=/proc/${pid}/root`,
        `--wd=/proc/${pid}/root`,
        'bash',
        '-c',
        command,
      ];
      const own = { PATH, HOME: '/root', LANG: 'C.UTF-8' };
      execFile('nsenter', words, { env: { ...own, ...env }, maxBuffer: 2 ** 26 }, (error, stdout, stderr) => {
        const status = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
        resolve({ status, output: stdout + stderr });
      });
    });

  const host: Host = {
    name,
    address: address.split('/')[0]!,
    disk: join(folder, 'changes'),
    run,
    ask: async (command) => {
      const { status, output } = await run(command);
      if (status !== 0) throw new Error(`${name}: ${command} ended with ${status}:\n${output}`);
      return output;
    },
    kill,
    boot,
    [Symbol.asyncDispose]: async () => {
      await kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
  try {
    await boot();
  } catch (error) {
    await host[Symbol.asyncDispose]();
    throw error;
  }
  return host;
}
