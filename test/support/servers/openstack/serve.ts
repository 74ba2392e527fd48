import { needProgram, type PrivateServer, serverFolder, startServer } from '../private-server.ts';
import type { PlanePlan } from './configs.ts';

/** What the services are started with. */
export interface Cast {
  readonly plan: PlanePlan;
  /** Work whose end is told, and whose failure is explained. */
  step<T>(what: string, work: Promise<T>): Promise<T>;
  /** The same for what must end with the whole. */
  keep<T extends AsyncDisposable>(what: string, work: Promise<T>): Promise<T>;
}

/** On two cores that are busy, a dozen Pythons start at the same time. */
const PATIENCE_MS = 300_000;
/** Debian's own Python is meant, whatever else the machine has, and no proxy stands between the services. */
export const ENVIRONMENT = {
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !/_proxy$|^PYTHON|^OS_|^VIRTUAL_ENV/i.test(name))),
  PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
  LC_ALL: 'C.UTF-8',
};

/** A process of the cloud. @param command program (of /usr/bin, or with its path), its Debian package, words */
export async function serve(
  name: string,
  [program, debianPackage, ...words]: readonly string[],
  isReady: (log: string) => Promise<boolean>,
  more: NodeJS.ProcessEnv = {},
): Promise<PrivateServer> {
  const path = needProgram(program!.startsWith('/') ? program! : `/usr/bin/${program}`, debianPackage!);
  const folder = await serverFolder(name);
  const env = { ...ENVIRONMENT, ...more, HOME: folder };
  return await startServer({
    folder,
    url: '',
    command: [path, ...words],
    env,
    stopSignal: 'SIGTERM',
    isReady,
    patienceMs: PATIENCE_MS,
  });
}
