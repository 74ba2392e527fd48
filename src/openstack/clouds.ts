import { Fault } from '../domain/fault.ts';
import { readCloud } from './clouds-file.ts';

/** Where a cloud is and who asks, with the names that OpenStack's clients use in clouds.yaml. */
export interface Cloud {
  /** for messages: `envvars`, or its name in clouds.yaml */
  readonly name: string;
  /** as Keystone's plug-ins are called, without `v3` in front */
  readonly authType: 'password' | 'token' | 'applicationcredential';
  readonly auth: Readonly<Record<string, string | undefined>>;
  readonly regionName?: string;
  /** `public`, `internal` or `admin` */
  readonly interface: string;
  /** PEM files; `verify` false believes any certificate */
  readonly caFile?: string;
  readonly certFile?: string;
  readonly keyFile?: string;
  readonly verify: boolean;
  /** addresses that stand before those of the catalogue, by service type with underscores */
  readonly endpoints: Readonly<Record<string, string>>;
}

type Environment = Readonly<Record<string, string | undefined>>;
/** What clouds.yaml says of one cloud, and what the variables say when they are put the same way. */
export type CloudText = Readonly<Record<string, unknown>>;

/**
 * The cloud that is meant: the one in clouds.yaml that OS_CLOUD names, else the one that the variables OS_AUTH_URL and so on describe, else the only one in clouds.yaml.
 * Source: https://docs.openstack.org/openstacksdk/latest/user/config/configuration.html
 * @throws {Fault} `invalid` with what is missing
 */
export async function findCloud(env: Environment = process.env): Promise<Cloud> {
  const isDescribed = env.OS_AUTH_URL !== undefined && env.OS_AUTH_URL !== '';
  if (!env.OS_CLOUD && isDescribed) return toCloud('envvars', fromVariables(env));
  const { name, text } = await readCloud(env);
  return toCloud(name, text);
}

/** Variables that are not part of `auth`. */
const PLAIN = [
  'auth_type',
  'region_name',
  'interface',
  'endpoint_type',
  'cacert',
  'cert',
  'key',
  'insecure',
  'identity_api_version',
];

function fromVariables(env: Environment): CloudText {
  const said = Object.entries(env).filter(([name, value]) => name.startsWith('OS_') && value);
  const words = said.map(([name, value]) => [name.slice('OS_'.length).toLowerCase(), value!] as const);
  const isPlain = (name: string) => PLAIN.includes(name) || name.endsWith('_endpoint_override');
  const auth = Object.fromEntries(words.filter(([name]) => !isPlain(name)));
  return { ...Object.fromEntries(words.filter(([name]) => isPlain(name))), auth };
}

function toCloud(name: string, text: CloudText): Cloud {
  const word = (key: string): string | undefined =>
    text[key] === undefined || text[key] === null ? undefined : String(text[key]);
  const auth = withOldNames((text.auth ?? {}) as Record<string, unknown>);
  const refuse = (what: string): never => {
    throw new Fault('invalid', `The cloud ${name} ${what}.`);
  };
  if (!auth.auth_url)
    refuse(text.profile ? `leaves its auth_url to the profile ${text.profile}: write it into clouds.yaml` : 'has no auth_url');
  if (word('identity_api_version')?.startsWith('2')) refuse('asks for version 2 of the identity API: only version 3 is spoken');
  const authType = readType(word('auth_type'), auth) ?? refuse(`has an auth_type that is not known: ${word('auth_type')}`);
  const secret = { password: 'password', token: 'token', applicationcredential: 'application_credential_secret' }[authType];
  if (!auth[secret]) refuse(`has no ${secret}`);
  return {
    name,
    authType,
    auth,
    regionName: word('region_name') ?? firstRegion(text.regions),
    interface: (word('interface') ?? word('endpoint_type') ?? 'public').replace(/URL$/, ''),
    caFile: word('cacert'),
    certFile: word('cert'),
    keyFile: word('key'),
    verify: !isTrue(text.insecure) && !/^(false|no|off|0)$/i.test(word('verify') ?? 'true'),
    endpoints: Object.fromEntries(
      Object.entries(text)
        .filter(([key]) => key.endsWith('_endpoint_override'))
        .map(([key, url]) => [key.slice(0, -'_endpoint_override'.length), String(url)]),
    ),
  };
}

/** Projects were tenants once. */
function withOldNames(auth: Record<string, unknown>): Record<string, string | undefined> {
  const words = Object.fromEntries(Object.entries(auth).map(([key, value]) => [key, value == null ? undefined : String(value)]));
  return {
    ...words,
    project_name: words.project_name ?? words.tenant_name,
    project_id: words.project_id ?? words.tenant_id,
  };
}

function readType(said: string | undefined, auth: Readonly<Record<string, string | undefined>>): Cloud['authType'] | null {
  const type = (said ?? guessType(auth)).replace(/^v3/, '').replaceAll('_', '');
  return type === 'password' || type === 'token' || type === 'applicationcredential' ? type : null;
}

function guessType(auth: Readonly<Record<string, string | undefined>>): string {
  if (auth.application_credential_id ?? auth.application_credential_name) return 'applicationcredential';
  return auth.token !== undefined && auth.password === undefined ? 'token' : 'password';
}

const isTrue = (value: unknown): boolean => /^(true|yes|on|1)$/i.test(String(value));

function firstRegion(regions: unknown): string | undefined {
  const [first] = Array.isArray(regions) ? (regions as unknown[]) : [];
  return typeof first === 'object' && first !== null && 'name' in first ? String(first.name) : (first as string | undefined);
}
