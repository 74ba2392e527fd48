import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { npmSetting } from './furnish.ts';

/** What `npm publish` sends, and npm asks for: the names that are used here. */
interface Packument {
  readonly name: string;
  readonly versions: Record<string, object>;
  readonly 'dist-tags': Record<string, string>;
  readonly _attachments?: Record<string, { readonly data: string }>;
}

export interface Registry extends AsyncDisposable {
  readonly url: string;
  /** addresses that something was asked for from */
  readonly askedFrom: ReadonlySet<string>;
  /** Publishes a package with npm. @param version of its own, in place of the one it has */
  publish(tarball: string, version?: string): Promise<void>;
}

/** A registry of npm's: what is published to it, and for everything else the way to the one that this machine uses. @param address to listen on */
export async function openRegistry(address: string): Promise<Registry> {
  const packages = new Map<string, Packument>();
  const tarballs = new Map<string, Buffer>();
  const askedFrom = new Set<string>();

  const take = async (asked: IncomingMessage): Promise<void> => {
    const { _attachments = {}, ...fresh } = (await json(asked)) as Packument;
    const known = packages.get(fresh.name);
    packages.set(fresh.name, {
      ...fresh,
      versions: { ...known?.versions, ...fresh.versions },
      'dist-tags': { ...known?.['dist-tags'], ...fresh['dist-tags'] },
    });
    for (const [file, { data }] of Object.entries(_attachments))
      tarballs.set(`/${fresh.name}/-/${file}`, Buffer.from(data, 'base64'));
  };
  const answerTo = async (asked: IncomingMessage, answer: ServerResponse): Promise<void> => {
    askedFrom.add(asked.socket.remoteAddress!);
    // npm asks for @scope%2fname.
    const path = decodeURIComponent(new URL(asked.url!, 'http://registry').pathname);
    if (asked.method === 'PUT') {
      await take(asked);
      return void answer.writeHead(201, { 'content-type': 'application/json' }).end('{"ok":true}');
    }
    const found = packages.has(path.slice(1)) ? JSON.stringify(packages.get(path.slice(1))) : tarballs.get(path);
    if (found === undefined) answer.writeHead(307, { location: new URL(path.slice(1), npmSetting('registry')).href }).end();
    else
      answer.writeHead(200, { 'content-type': typeof found === 'string' ? 'application/json' : 'application/gzip' }).end(found);
  };

  const server = createServer((asked, answer) => void answerTo(asked, answer).catch(() => answer.destroy()));
  await new Promise<void>((resolve) => server.listen(0, address, resolve));
  const url = `http://${address}:${(server.address() as AddressInfo).port}/`;
  return {
    url,
    askedFrom,
    publish: (tarball, version) => publish(url, tarball, version),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function publish(registry: string, tarball: string, version: string | undefined): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'faafo-test-publish-'));
  try {
    await execute('tar', ['-xzf', tarball, '-C', folder]);
    const file = join(folder, 'package/package.json');
    if (version !== undefined)
      await writeFile(file, JSON.stringify({ ...JSON.parse(await readFile(file, 'utf8')), version }, null, 2));
    await writeFile(join(folder, 'npmrc'), `registry=${registry}\n${registry.replace('http:', '')}:_authToken=of-a-test\n`);
    const words = ['publish', join(folder, 'package'), '--ignore-scripts', '--userconfig', join(folder, 'npmrc')];
    await execute('npm', [...words, '--noproxy', new URL(registry).hostname], { cwd: folder });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const execute = promisify(execFile);
