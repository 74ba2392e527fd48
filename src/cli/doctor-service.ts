import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { findLiveWorkers } from '../actions/read-status.ts';
import { ENGINE_VERSION } from '../engine/version.ts';
import type { OpenedDatabase } from '../repository/build.ts';
import { readCertificate } from './certificate.ts';
import { diskCheck, folderCheck } from './doctor-machine.ts';
import { type Check, fail, ok, warn } from './doctor-report.ts';
import { formatAmount } from './format-amount.ts';
import { localTime } from './local-time.ts';
import { openRepository } from './open-repository.ts';
import { openStore } from './open-store.ts';
import { exposure, objectionsTo } from './safe-start.ts';
import type { Settings } from './settings.ts';
import { imageFolder, parseStorageUrl } from './storage-url.ts';
import { maskUrl, sqlitePath } from './urls.ts';

/* What faafo-api stands on, with its settings, where it would run. Nothing is changed, but for a file that is made and removed. */

const CLOCK_MS = 5_000;
const DAY_MS = 86_400_000;
const SOON_DAYS = 7;

/** The database, opened once for all checks; null when it is not made yet. */
type Opened = () => Promise<OpenedDatabase | null>;

export function serviceChecks(settings: Settings, opened: AsyncDisposableStack): Check[] {
  const file = sqlitePath(settings.database_url);
  const images = imageFolder(settings.storage_url);
  let opening: Promise<OpenedDatabase | null> | null = null;
  const open: Opened = () => {
    opening ??= file !== null && !existsSync(file) ? Promise.resolve(null) : openToLook(settings, opened);
    return opening;
  };
  return [
    databaseCheck(settings, open),
    ...(file === null ? [] : [folderCheck('data folder', dirname(file))]),
    ...(images === null ? [storeCheck(settings, open, opened)] : [folderCheck('store', images), diskCheck('images', images)]),
    ...(file === null ? [] : [diskCheck('the database', dirname(file))]),
    ...(settings.transport_url === 'embedded:' ? [] : [brokerCheck(settings, opened)]),
    workersCheck(settings, open),
    queueCheck(open),
    exposureCheck(settings, open),
    tokensCheck(open),
    ...(settings.tls_cert === '' ? [] : [certificateCheck(settings)]),
  ];
}

async function openToLook(settings: Settings, opened: AsyncDisposableStack): Promise<OpenedDatabase> {
  return opened.use(await openRepository(settings, () => undefined, { look: true }));
}

function databaseCheck({ database_url }: Settings, open: Opened): Check {
  const name = maskUrl(database_url);
  return {
    name: 'database',
    mend: 'Start it, or correct database_url (docs/operations.md).',
    look: async () => {
      const before = performance.now();
      const database = await open();
      if (!database) return [ok(`${name} is not there yet: it is made at the first start`)];
      const { now, applied, known } = await database.inspect();
      const off = Math.abs(now - Date.now());
      const newer = applied.filter((each) => !known.includes(each));
      const pending = known.filter((each) => !applied.includes(each));
      const upgrade = 'Back it up; faafo-api brings it up to date when it starts.';
      return [
        ok(`${name} answers, in ${Math.round(performance.now() - before)} ms`),
        newer.length > 0
          ? fail(`a newer release has changed its tables (${newer.join(', ')})`, 'Install that release, or restore a backup.')
          : pending.length > 0
            ? warn(applied.length === 0 ? 'it has no tables yet' : `its tables are older: ${pending.join(', ')}`, upgrade)
            : ok(`its tables are up to date (${applied.length} migrations)`),
        off > CLOCK_MS
          ? warn(
              `its clock and this machine's differ by ${(off / 1000).toFixed(0)} s`,
              'Keep both right: systemctl enable --now chrony',
            )
          : ok(`its clock and this machine's differ by ${(off / 1000).toFixed(1)} s`),
      ];
    },
  };
}

/** Images that are not in files. */
function storeCheck({ storage_url }: Settings, open: Opened, opened: AsyncDisposableStack): Check {
  const { kind } = parseStorageUrl(storage_url);
  const credentials = kind === 'swift' ? 'OS_CLOUD or the variables OS_*' : 'AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY';
  return {
    name: 'store',
    ...(kind === 'database' && { needs: 'database' }),
    mend:
      kind === 'database' ? 'See whether the database is there.' : `Correct storage_url, or ${credentials} (docs/operations.md).`,
    look: async () => {
      const repository = await open();
      if (kind === 'database' && !repository) return [ok('images are kept in the database, which is made at the first start')];
      const store = await openStore(storage_url, repository, { look: true });
      opened.use(store);
      const before = performance.now();
      await store.ping();
      const answers = ok(`${storage_url} answers, in ${Math.round(performance.now() - before)} ms`);
      const space = await store.space();
      if (space === null) return [answers];
      const left = `its quota leaves ${formatAmount(space.freeBytes)} of ${formatAmount(space.totalBytes)} bytes`;
      return [
        answers,
        (await store.hasRoom('order')) ? ok(left) : fail(`${left}: orders are refused`, 'Have it raised, or delete fractals.'),
      ];
    },
  };
}

export function brokerCheck({ transport_url }: Pick<Settings, 'transport_url'>, opened: AsyncDisposableStack): Check {
  const name = maskUrl(transport_url);
  return {
    name: 'broker',
    mend: 'Start RabbitMQ, or correct transport_url: rabbitmqctl list_users, rabbitmqctl list_vhosts.',
    look: async () => {
      const { openRabbitQueue } = await import('../queue/rabbitmq.ts');
      let trouble = '';
      const queue = opened.use(await openRabbitQueue(transport_url, { name, onTrouble: (line) => (trouble = line) }));
      try {
        await queue.ping();
      } catch (error) {
        throw trouble === '' ? error : new Error(trouble);
      }
      return [ok(`${name} answers; ${await queue.depth()} doorbells wait`)];
    },
  };
}

function workersCheck({ transport_url }: Settings, open: Opened): Check {
  return {
    name: 'workers',
    needs: 'database',
    mend: 'See whether the database is there.',
    look: async () => {
      const repository = await open();
      const workers = repository && (await isReady(repository)) ? await findLiveWorkers({ repository }) : [];
      if (workers.length === 0) {
        if (transport_url === 'embedded:') return [ok('none lives now; faafo-api draws itself when it runs')];
        return [warn('none has reported lately: orders wait', 'Start faafo-worker where there are cores.')];
      }
      const others = workers.filter(({ engineVersion }) => engineVersion !== ENGINE_VERSION);
      const hosts = [...new Set(others.map(({ host, engineVersion }) => `${host} (${engineVersion})`))].join(', ');
      const rest = workers.length - others.length;
      if (others.length === 0) return [ok(`${workers.length} of engine version ${ENGINE_VERSION}`)];
      const upgrade = 'Install the release of the API on them.';
      const detail = `${others.length} of ${workers.length} have another engine version than ${ENGINE_VERSION}: ${hosts}`;
      return [rest === 0 ? fail(`${detail}: new orders wait`, upgrade) : warn(detail, upgrade)];
    },
  };
}

function queueCheck(open: Opened): Check {
  return {
    name: 'queue',
    needs: 'database',
    mend: 'See whether the database is there.',
    look: async () => {
      const repository = await open();
      const pause = repository && (await isReady(repository)) ? await repository.pause.read() : null;
      if (!pause) return [ok('it is not paused')];
      const { since, by, why } = pause;
      const words = `${by === null ? '' : ` by ${by}`}${why === null ? '' : `: ${why}`}`;
      return [warn(`it has been paused since ${localTime(new Date(since))}${words}`, 'faafo resume lets it go on.')];
    },
  };
}

function exposureCheck(settings: Settings, open: Opened): Check {
  return {
    name: 'exposure',
    mend: 'See docs/operations.md.',
    look: async () => {
      const way = exposure(settings);
      if (way === null) return [ok('nobody but this machine can reach it')];
      // Of a database that is away one does not know.
      const tokensExist = await open().then(
        async (found) => found !== null && (await isReady(found)) && (await found.tokens.exist()),
        () => true,
      );
      const objections = objectionsTo(settings, { tokensExist });
      if (objections.length === 0) return [ok(`others can reach the ${way}, and nothing speaks against it`)];
      const judge = settings.insecure ? warn : fail;
      return objections.map((objection) => {
        const [what, how] = objection.split('; ', 2) as [string, string?];
        return judge(what, how === undefined ? 'See docs/operations.md.' : `${how[0]!.toUpperCase()}${how.slice(1)}`);
      });
    },
  };
}

function tokensCheck(open: Opened): Check {
  return {
    name: 'tokens',
    needs: 'database',
    mend: 'See whether the database is there.',
    look: async () => {
      const repository = await open();
      if (!repository || !(await isReady(repository))) return [ok('there are none yet')];
      const { now } = await repository.inspect();
      const living = (await repository.tokens.list()).filter(
        ({ revokedAt, expiresAt }) => revokedAt === null && (expiresAt ?? Number.POSITIVE_INFINITY) > now,
      );
      if (living.length === 0 && !(await repository.tokens.exist()))
        return [ok('there are none: this machine may do everything')];
      const anew = 'faafo token create NAME --role ROLE makes another.';
      const soon = living.filter(({ expiresAt }) => expiresAt !== null && expiresAt - now < SOON_DAYS * DAY_MS);
      const names = soon.map(({ name, id, role }) => `${id} of ${name}, ${role}`).join('; ');
      return [
        ...(living.some(({ role }) => role === 'admin')
          ? [ok(`${living.length} are valid`)]
          : [
              fail(
                'no valid one is an admin’s: nobody can make or revoke tokens',
                'faafo token create admin --role admin --data-dir DIR (or --database-url URL)',
              ),
            ]),
        ...(soon.length > 0 ? [warn(`${soon.length} expire within ${SOON_DAYS} days: ${names}`, anew)] : []),
      ];
    },
  };
}

function certificateCheck({ tls_cert: cert, tls_key: key }: Settings): Check {
  return {
    name: 'certificate',
    mend: 'Correct tls_cert and tls_key.',
    look: async () => {
      const { advice } = readCertificate({ cert, key });
      return [advice === null ? ok(`${cert} fits its key, and is valid`) : warn(advice, 'Renew it, then: kill -HUP PID')];
    },
  };
}

/** Whether its tables are those of this release: only then it can be asked about more. */
async function isReady(repository: OpenedDatabase): Promise<boolean> {
  const { applied, known } = await repository.inspect();
  return known.every((each) => applied.includes(each));
}
