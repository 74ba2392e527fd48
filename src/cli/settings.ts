import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { DEFAULT_LIMITS, HARD_LIMITS } from '../domain/limits.ts';
import { gatherSettings, type SettingOrigin } from './settings-sources.ts';
import { folderPath, folderUrl, maskUrl, sqlitePath, sqliteUrl } from './urls.ts';
import { UsageError } from './usage-error.ts';

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

/** Settings arrive as text, whether from a flag, the environment or a file. */
const wholeNumber = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d+$/, `must be a whole number from ${min} to ${max}`)
    .transform(Number)
    .refine((value) => value >= min && value <= max, `must be a whole number from ${min} to ${max}`);

const url = (check: (text: string) => unknown) =>
  z.string().superRefine((text, context) => {
    try {
      check(text);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      context.addIssue({ code: 'custom', message: error.message });
    }
  });

/** Settings of everything that only talks to an API. */
const clientShape = {
  endpoint_url: url(checkEndpoint)
    .transform((text) => text.replace(/\/+$/, ''))
    .default('http://127.0.0.1:8080')
    .describe('where the API is'),
};

/** Settings of the service. The order is that of --help. */
const serverShape = {
  listen_address: z.string().min(1).default('127.0.0.1').describe('address to listen on; 0.0.0.0 or :: means all'),
  bind_port: wholeNumber(0, 65_535).default(8080).describe('port to listen on; 0 means any free one'),
  ...clientShape,
  data_dir: z
    .string()
    .default('./data')
    .transform((path) => resolve(path))
    .describe('folder for the database and the images (default: ./data)'),
  database_url: url(sqlitePath).optional().describe('where state is kept (default: sqlite:///DATA_DIR/faafo.db)'),
  storage_url: url(folderPath).optional().describe('where images are kept (default: file:///DATA_DIR/images)'),
  transport_url: url(checkTransport).default('embedded:').describe('the work queue; embedded: draws in this process'),
  threads: wholeNumber(1, 1024)
    .default(() => availableParallelism())
    .describe('threads that draw (default: one for each core)'),
  max_side: wholeNumber(1, HARD_LIMITS.maxSide).default(DEFAULT_LIMITS.maxSide).describe('most pixels along one side'),
  max_iterations: wholeNumber(1, HARD_LIMITS.maxIterations).default(DEFAULT_LIMITS.maxIterations).describe('most iterations'),
  max_cost: z
    .string()
    .regex(/^0*[1-9]\d*$/, 'must be a whole number above 0')
    .transform(BigInt)
    .default(DEFAULT_LIMITS.maxCost)
    .describe('most width x height x iterations of one order'),
  log_level: z
    .enum(LOG_LEVELS, { error: `must be one of ${LOG_LEVELS.join(', ')}` })
    .default('info')
    .describe('what to log'),
};

const clientSchema = z.object(clientShape);
const serverSchema = z.object(serverShape).transform((settings) => ({
  ...settings,
  database_url: settings.database_url ?? sqliteUrl(join(settings.data_dir, 'faafo.db')),
  storage_url: settings.storage_url ?? folderUrl(join(settings.data_dir, 'images')),
}));

export type ClientSettings = z.output<typeof clientSchema>;
/** Everything the service can be told, under the documented names; data_dir is absolute, URLs are checked. */
export type Settings = z.output<typeof serverSchema>;

type Names = keyof typeof serverShape;
export type SettingName = Names;
export const SETTING_NAMES = Object.keys(serverShape) as readonly SettingName[];
export const isClientSetting = (name: SettingName): boolean => name in clientShape;

/** For --help. */
export function describeSetting(name: SettingName): string {
  const schema: z.ZodType = serverShape[name];
  const fallback = schema instanceof z.ZodDefault && name !== 'threads' ? ` (default: ${String(schema.def.defaultValue)})` : '';
  return `${schema.description}${fallback}`;
}

/** What the flags of a command said; `config_file` names the configuration file. */
export type SettingFlags = Partial<Record<SettingName | 'config_file', string>>;
type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Settings of a server: a flag is stronger than the environment (FAAFO_BIND_PORT), that than the configuration file, that than the default.
 * @throws {UsageError} on unknown names and values that cannot be
 */
export function loadSettings(flags: SettingFlags = {}, env: Environment = process.env): Settings {
  return parse(serverSchema, flags, env);
}

/** Settings of a client. Values of other settings are not looked at, so that one file may serve both. @throws {UsageError} */
export function loadClientSettings(flags: SettingFlags = {}, env: Environment = process.env): ClientSettings {
  return parse(clientSchema, flags, env);
}

function parse<T>(schema: z.ZodType<T>, flags: SettingFlags, env: Environment): T {
  const found = gatherSettings(SETTING_NAMES, flags, env);
  const texts = Object.fromEntries([...found].map(([name, { text }]) => [name, text]));
  const parsed = schema.safeParse(texts);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  throw new UsageError(complaint(String(issue.path[0]), issue.message, found));
}

function complaint(name: string, message: string, found: ReadonlyMap<string, SettingOrigin>): string {
  const origin = found.get(name);
  return `${origin?.where ?? name}: ${message}${message.endsWith('.') ? '' : `, not '${maskUrl(origin?.text ?? '')}'.`}`;
}

function checkEndpoint(text: string): void {
  const parsed = URL.parse(text);
  if (!parsed || !/^https?:$/.test(parsed.protocol) || !parsed.hostname || parsed.search || parsed.hash) {
    throw new UsageError('must be an http:// or https:// URL such as http://127.0.0.1:8080');
  }
}

function checkTransport(text: string): void {
  if (text === 'embedded:') return;
  throw new UsageError(
    `${maskUrl(text)}: this release has only the embedded queue (embedded:), with API and workers in one process; amqp:// comes in a later release.`,
  );
}
