import { type Command, Option } from 'commander';
import type { Check, Finding } from './doctor-report.ts';
import { addFormatOptions, type FormatOptions, formatList } from './output.ts';
import { Failed } from './run.ts';
import {
  isClientSetting,
  loadClientSettings,
  loadSettings,
  loadWorkerSettings,
  type SettingFlags,
  saidSettings,
} from './settings.ts';
import { addFlags, addServerFlags, readFlags } from './settings-flags.ts';
import { UsageError } from './usage-error.ts';

const ROLES = ['api', 'worker', 'client'] as const;
type Role = (typeof ROLES)[number];

const HELP = `
Run it where faafo-api or faafo-worker runs, as the same user and with the same
settings: it looks at the configuration, database, clock, store, disk, broker,
workers, tokens and certificate, changes nothing, and says how to mend what is
wrong. Anywhere else it looks at the API alone. A line each: ok, warn (it works,
but see to it) or fail; the exit status is 1 when one failed.

Examples:
  $ faafo doctor
  $ faafo doctor --data-dir /var/lib/faafo
  $ faafo doctor --as worker --transport-url amqp://faafo:secret@10.0.0.3/
  $ faafo doctor -f json
`;

export function addDoctor(program: Command): void {
  addFlags(
    addServerFlags(addFormatOptions(program.command('doctor').description('find out what is wrong, and how to mend it'))),
    ['state_dir'],
  )
    .addOption(
      new Option('--as <role>', 'whose settings these are (default: api where settings of the service are, else client)').choices(
        ROLES,
      ),
    )
    .addHelpText('after', HELP)
    .action(async (options: FormatOptions & { as?: Role }, command: Command) => {
      const flags = readFlags(command);
      await using opened = new AsyncDisposableStack();
      const { COLUMNS, findings, line } = await import('./doctor-report.ts');
      const all: Finding[] = [];
      for await (const finding of findings(await checksFor(options.as, flags, opened))) {
        all.push(finding);
        if (options.format === undefined && options.column.length === 0) process.stdout.write(line(finding));
      }
      if (options.format !== undefined || options.column.length > 0)
        process.stdout.write(await formatList(all, COLUMNS, options));
      if (all.some(({ status }) => status === 'fail')) throw new Failed();
    });
}

/** Where a setting of the service was said, the service runs. */
const roleOf = (flags: SettingFlags): Role => (saidSettings(flags).every(isClientSetting) ? 'client' : 'api');

/** Settings that cannot be are a finding like others. */
async function checksFor(role: Role | undefined, flags: SettingFlags, opened: AsyncDisposableStack): Promise<Check[]> {
  try {
    return await checksOf(role ?? roleOf(flags), flags, opened);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return [{ name: 'configuration', mend: 'faafo doctor --help lists the settings.', look: () => Promise.reject(error) }];
  }
}

/** @throws {UsageError} for settings that cannot be */
async function checksOf(role: Role, flags: SettingFlags, opened: AsyncDisposableStack): Promise<Check[]> {
  const { configurationCheck, nodeCheck } = await import('./doctor-machine.ts');
  const { clientChecks, workerChecks } = await import('./doctor-client.ts');
  const first = [configurationCheck(flags.config_file), nodeCheck];
  if (role === 'client') return [...first, ...clientChecks(await trusting(loadClientSettings(flags)))];
  const { brokerCheck, serviceChecks } = await import('./doctor-service.ts');
  if (role === 'api') return [...first, ...serviceChecks(loadSettings(flags), opened)];
  const settings = await trusting(loadWorkerSettings(flags));
  return [...first, ...workerChecks(settings), brokerCheck(settings, opened)];
}

async function trusting<T extends { readonly ca_file: string }>(settings: T): Promise<T> {
  if (settings.ca_file !== '') (await import('./trust.ts')).trustAuthority(settings.ca_file);
  return settings;
}
