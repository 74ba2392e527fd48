import { execFileSync } from 'node:child_process';
import { copyFile, cp, mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

const DEPLOY = resolve(import.meta.dirname, '../../../deploy');

let known: Readonly<Record<string, string>> | undefined;

/** How npm of this machine is configured. */
export function npmSetting(name: string): string | undefined {
  known ??= JSON.parse(execFileSync('npm', ['config', 'list', '--json', '--long'], { encoding: 'utf8', cwd: '/' })) as Record<
    string,
    string
  >;
  return known[name] || undefined;
}

/** What a cloud gives an instance: the seed of cloud-init; and no names, for nobody here would answer. */
export async function seed(disk: string, given: { name: string; userData: string }): Promise<void> {
  const folder = join(disk, 'var/lib/cloud/seed/nocloud');
  for (const each of [folder, join(disk, 'etc')]) await mkdir(each, { recursive: true });
  await writeFile(join(folder, 'user-data'), given.userData);
  await writeFile(join(folder, 'meta-data'), `instance-id: ${given.name}\nlocal-hostname: ${given.name}\n`);
  await writeFile(join(disk, 'etc/hosts'), '127.0.0.1 localhost\n::1 localhost\n');
  await writeFile(join(disk, 'etc/resolv.conf'), '');
}

/** What a cloud's image would not have: the package, and how this machine reaches its mirrors. */
export async function furnish(disk: string, given: { tarball: string; proxy: string }): Promise<void> {
  for (const folder of [join(disk, 'root'), join(disk, 'etc/apt/apt.conf.d')]) await mkdir(folder, { recursive: true });
  await writeFile(join(disk, 'etc/apt/apt.conf.d/99-way-out'), `Acquire::http::Proxy "${given.proxy}";\n`);
  const lines = [`registry=${npmSetting('registry')}`, `https-proxy=${given.proxy}`, `proxy=${given.proxy}`];
  const authority = npmSetting('cafile') ?? process.env.NODE_EXTRA_CA_CERTS;
  if (authority !== undefined) {
    await copyFile(authority, join(disk, 'root/authority.pem'));
    lines.push('cafile=/root/authority.pem');
  }
  await writeFile(join(disk, 'root/.npmrc'), lines.map((line) => `${line}\n`).join(''));
  await cp(given.tarball, join(disk, 'root/faafo.tgz'));
  for (const script of ['install.sh', 'uninstall.sh']) await cp(join(DEPLOY, script), join(disk, 'root', script));
}
