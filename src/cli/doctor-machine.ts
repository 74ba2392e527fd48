import { constants } from 'node:fs';
import { access, open, stat, statfs, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { roomIn } from '../store/room.ts';
import { type Check, fail, ok, warn } from './doctor-report.ts';
import { usedConfiguration } from './settings-sources.ts';

/* What can be said of this machine, whatever runs on it. */

const NODE_NEEDED = 24;
const OTHERS_MAY_READ = 0o044;
/** Less of its disk than this free is little. */
const LITTLE_SHARE = 0.2;
const GIB = 2 ** 30;

export function configurationCheck(configFile: string | undefined): Check {
  return {
    name: 'configuration',
    mend: 'See faafo doctor --help for the settings there are.',
    look: async () => {
      const used = usedConfiguration(configFile, process.env);
      if (used === null) return [ok('no configuration file; every setting is understood')];
      const isOpen = ((await stat(used.path)).mode & OTHERS_MAY_READ) !== 0;
      if (isOpen && /:[^/@\s]+@|^\s*token\s*=/m.test(used.text)) {
        return [warn(`others may read ${used.path}, which holds a password or a token`, `chmod 600 ${used.path}`)];
      }
      return [ok(`${used.path} is read, every setting is understood`)];
    },
  };
}

export const nodeCheck: Check = {
  name: 'node',
  mend: 'Install Node.js 24.',
  look: async () => {
    const { version } = process;
    if (Number.parseInt(version.slice(1), 10) >= NODE_NEEDED) return [ok(`Node.js ${version}`)];
    return [fail(`Node.js ${version} is too old`, `Install Node.js ${NODE_NEEDED}, or start with the launcher in bin/.`)];
  },
};

/** Whether a folder can be written: a file is made in it and removed. One that is not there yet is made at the first start. */
export function folderCheck(name: string, folder: string): Check {
  return {
    name,
    mend: `Make it, and give it to the user that runs faafo: mkdir -p ${folder} && chown faafo ${folder}`,
    look: async () => {
      const there = await nearestFolder(folder);
      await access(there, constants.R_OK | constants.W_OK | constants.X_OK).catch(() => {
        throw new Error(`this user may not write ${there}`);
      });
      const probe = join(there, `.faafo-doctor-${crypto.randomUUID()}`);
      await (await open(probe, 'wx', 0o600)).close();
      await unlink(probe);
      return [ok(there === folder ? `${folder} can be written` : `${folder} is not there yet: it is made at the first start`)];
    },
  };
}

/** How much room is left where something is kept. */
export function diskCheck(what: string, folder: string): Check {
  return {
    name: 'disk',
    mend: `Look at ${folder}.`,
    look: async () => {
      const { bavail, blocks, bsize } = await statfs(await nearestFolder(folder));
      const [free, all] = [bavail * bsize, blocks * bsize];
      const left = `${(free / GIB).toFixed(1)} GiB of ${(all / GIB).toFixed(1)} are free for ${what}`;
      const more = 'Delete fractals (faafo delete; or keep_days, keep_bytes), or enlarge the disk.';
      if (!roomIn({ freeBytes: free, totalBytes: all }, 'order')) return [fail(`${left}: orders are refused`, more)];
      return [free < LITTLE_SHARE * all && free < 10 * GIB ? warn(left, more) : ok(left)];
    },
  };
}

async function nearestFolder(path: string): Promise<string> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw new Error(`${path} cannot be looked at (${error.code})`);
  });
  if (found === null) return await nearestFolder(dirname(path));
  if (!found.isDirectory()) throw new Error(`${path} is no folder`);
  return path;
}
