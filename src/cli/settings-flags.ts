import type { Command } from 'commander';
import {
  describeSetting,
  isClientSetting,
  isServiceSetting,
  isWorkerSetting,
  SETTING_NAMES,
  type SettingFlags,
  type SettingName,
} from './settings.ts';
import { flagOf } from './settings-sources.ts';

/** Null for what is said by its flag alone. The token has none: lists of processes show flags to everybody. */
const PLACEHOLDERS: Readonly<Record<Exclude<SettingName, 'token'>, string | null>> = {
  listen_address: 'address',
  bind_port: 'port',
  worker_listen_address: 'address',
  worker_bind_port: 'port',
  tls_cert: 'file',
  tls_key: 'file',
  allowed_hosts: 'names',
  allowed_origins: 'origins',
  trusted_proxies: 'addresses',
  anonymous: 'role',
  insecure: null,
  metrics_listen_address: 'address',
  metrics_bind_port: 'port',
  endpoint_url: 'url',
  ca_file: 'file',
  token_file: 'file',
  data_dir: 'folder',
  database_url: 'url',
  storage_url: 'url',
  state_dir: 'folder',
  transport_url: 'url',
  threads: 'number',
  max_side: 'pixels',
  max_iterations: 'number',
  max_cost: 'number',
  max_client_cost: 'number',
  max_outstanding_cost: 'number',
  max_orders_per_second: 'number',
  max_event_streams: 'number',
  max_failures_per_minute: 'number',
  max_connections: 'number',
  max_connections_per_address: 'number',
  keep_days: 'days',
  keep_bytes: 'bytes',
  scrub_rate: 'bytes',
  log_level: 'level',
};

function option(command: Command, name: SettingName): Command {
  if (name === 'token') return command;
  const placeholder = PLACEHOLDERS[name];
  return command.option(placeholder === null ? flagOf(name) : `${flagOf(name)} <${placeholder}>`, describeSetting(name));
}

/** Flags for some settings by name. */
export function addFlags(command: Command, names: readonly SettingName[]): Command {
  for (const name of names) option(command, name);
  return command;
}

/** Flags for the settings of clients, and for the configuration file. */
export function addClientFlags(command: Command): Command {
  for (const name of SETTING_NAMES.filter(isClientSetting)) option(command, name);
  return command.option(
    '--config-file <file>',
    'configuration file (default: ~/.config/faafo/faafo.conf, then /etc/faafo/faafo.conf)',
  );
}

/** Flags for the settings that only servers have. */
export function addServerFlags(command: Command): Command {
  for (const name of SETTING_NAMES.filter((each) => isServiceSetting(each) && !isClientSetting(each))) option(command, name);
  return command;
}

/** Flags for the settings that workers have beside those of clients. */
export function addWorkerFlags(command: Command): Command {
  for (const name of SETTING_NAMES.filter((each) => isWorkerSetting(each) && !isClientSetting(each))) option(command, name);
  return command;
}

/** What the flags of a command, and of the program it belongs to, said. */
export function readFlags(command: Command): SettingFlags {
  const words = command.optsWithGlobals<Record<string, string | true | undefined>>();
  const names: readonly (SettingName | 'config_file')[] = [...SETTING_NAMES.filter((name) => name !== 'token'), 'config_file'];
  return Object.fromEntries(names.map((name) => [name, words[camelCase(name)]?.toString()]));
}

const camelCase = (name: string): string => name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
