import { execFileSync } from 'node:child_process';
import { mkdir, realpath, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { needProgram, runProgram, serverFolder } from '../../support/servers/private-server.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { debianRoot } from './debian-root.ts';
import { npmSetting } from './furnish.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const NODE = join(ROOT, 'node_modules/node/bin/node');

export interface Image {
  /** as a container's engine would start it */
  readonly config: {
    readonly User: string;
    readonly Env: readonly string[];
    readonly Cmd: readonly string[];
    readonly WorkingDir: string;
    readonly Volumes: Readonly<Record<string, object>>;
    readonly ExposedPorts: Readonly<Record<string, object>>;
    readonly StopSignal: string;
    readonly Healthcheck: { readonly Test: readonly string[] };
  };
  /** bytes that it has beyond its base */
  readonly bytes: number;
  /** its files, as a new container would have them */
  readonly files: string;
}

/** A place for images that nobody else uses. */
export async function openImages(): Promise<AsyncDisposable & { build(): Promise<Image> }> {
  const program = needProgram('/usr/bin/buildah', 'buildah');
  const folder = await serverFolder('images');
  const buildah = async (...words: string[]) =>
    (
      await runProgram([
        program,
        '--root',
        `${folder}/root`,
        '--runroot',
        `${folder}/run`,
        '--storage-driver',
        'overlay',
        ...words,
      ])
    ).trim();
  const made: string[] = [];
  const container = async (image: string): Promise<{ name: string; files: string }> => {
    const name = await buildah('from', '--pull-never', image);
    made.push(name);
    return { name, files: await buildah('mount', name) };
  };

  /** Debian with Node 24 and npm, as the Containerfile's BASE has them. */
  const base = async (): Promise<void> => {
    const { name, files } = await container('scratch');
    await runProgram(['cp', '-a', `${await debianRoot()}/.`, files]);
    const npm = dirname(dirname(await realpath(execFileSync('sh', ['-c', 'command -v npm'], { encoding: 'utf8' }).trim())));
    await mkdir(`${files}/usr/local/lib`, { recursive: true });
    await runProgram(['cp', NODE, `${files}/usr/local/bin/node`]);
    await runProgram(['cp', '-a', npm, `${files}/usr/local/lib/npm`]);
    await runProgram(['ln', '-s', '../lib/npm/bin/npm-cli.js', `${files}/usr/local/bin/npm`]);
    await buildah('commit', '--quiet', name, 'localhost/base');
  };

  return {
    build: async () => {
      await base();
      await using settings = await temporaryFolder();
      // How this machine's npm reaches its registry; nothing of it comes into the image.
      const authority = npmSetting('cafile') ?? process.env.NODE_EXTRA_CA_CERTS;
      const npmrc = [`registry=${npmSetting('registry')}`, ...(authority ? ['cafile=/etc/authority.pem'] : [])];
      await writeFile(join(settings.path, 'npmrc'), npmrc.map((line) => `${line}\n`).join(''));
      const volumes = [
        '-v',
        `${settings.path}/npmrc:/root/.npmrc:ro`,
        ...(authority ? ['-v', `${authority}:/etc/authority.pem:ro`] : []),
      ];
      const words = [
        '--isolation=chroot',
        '--network=host',
        '--format=docker',
        '--layers=false',
        '--pull-never',
        '--build-arg',
        'BASE=localhost/base',
      ];
      await buildah('bud', '--quiet', ...words, ...volumes, '-f', `${ROOT}/Containerfile`, '-t', 'localhost/faafo', ROOT);
      const { files } = await container('localhost/faafo');
      const { Docker } = JSON.parse(await buildah('inspect', '--type', 'image', 'localhost/faafo'));
      const added = await runProgram(['du', '-s', '--bytes', `${files}/opt/faafo`]);
      return { config: Docker.config as Image['config'], bytes: Number(added.split('\t')[0]), files };
    },
    [Symbol.asyncDispose]: async () => {
      for (const name of made) await buildah('rm', name).catch(() => '');
      await buildah('rmi', '--all', '--force').catch(() => '');
      await runProgram(['rm', '-rf', folder]);
    },
  };
}
