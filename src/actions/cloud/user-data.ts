import { gzipSync } from 'node:zlib';
import { Fault } from '../../domain/fault.ts';
import { installScript } from './install-script.ts';

/** What one instance of a cloud is to be, as flags of install.sh have it. */
export interface HostPlan {
  readonly name: string;
  readonly install: readonly ('messaging' | 'database' | 'faafo' | 'balancer')[];
  readonly run: readonly ('api' | 'worker' | 'demo')[];
  readonly endpointUrl?: string;
  readonly transportUrl?: string;
  /** with `messaging`: makes a user that may only listen, for workers on other hosts */
  readonly workerTransportUrl?: string;
  readonly databaseUrl?: string;
  readonly storageUrl?: string;
  /** of a worker, or one to enrol with */
  readonly token?: string;
  /** of the first admin, with `api`: made elsewhere, so that somebody has it already */
  readonly adminToken?: string;
  /** of the package: path, URL or name */
  readonly source: string;
  /** settings of the services, and in capitals variables of their environment */
  readonly settings?: Readonly<Record<string, string>>;
  /** URLs of the APIs that a `balancer` leads to */
  readonly balancerFor?: readonly string[];
}

/** Nova's limit for user data in base64. Source: https://docs.openstack.org/api-ref/compute/#create-server */
export const MOST_USER_DATA = 65_535;

const FOLDER = '/var/lib/faafo-install';
const LINE = 76;

/**
 * A script for the first boot of an instance: it holds install.sh of this release, and runs it until it is done. What is secret lies in files that root alone
 * may read, and on no command line. `bash /var/lib/faafo-install/again` in the instance goes on where it stopped.
 * @returns at most MOST_USER_DATA bytes in base64
 * @throws {Fault} `invalid` when a value holds a line break, or it becomes too large
 */
export function userData(host: HostPlan): string {
  const said = Object.entries(secretsOf(host)).filter(([, text]) => text !== undefined && text !== '');
  const command = ['bash', `${FOLDER}/install.sh`, ...openFlags(host)];
  for (const [flag, text] of said) {
    if (flag !== 'o') oneLine(text!);
    command.push(`-${flag}`, `@${FOLDER}/said-${flag}`);
  }
  const script = [
    '#!/bin/bash',
    `# Makes this instance ${oneLine(host.name)} of faafo. In clear: echo THE LINES BELOW | base64 -d | gunzip`,
    'set -eu',
    'umask 077',
    `mkdir -p ${FOLDER}`,
    `cd ${FOLDER}`,
    ...file('install.sh.gz', packed(installScript()), 'base64 -d'),
    'gunzip -f install.sh.gz',
    ...said.flatMap(([flag, text]) => file(`said-${flag}`, text!)),
    ...file('again', `exec ${command.map(shellWord).join(' ')}`),
    // A mirror that does not answer in the first minute of a network is no reason to give up.
    'for rest in 10 30 60; do',
    '  status=0',
    '  bash again || status=$?',
    '  [ $status = 1 ] || exit $status',
    '  sleep $rest',
    'done',
    'exec bash again',
    '',
  ].join('\n');
  const size = Buffer.from(script).toString('base64').length;
  if (size > MOST_USER_DATA) {
    throw new Fault('invalid', `The user data of ${host.name} would be ${size} bytes long; a cloud takes ${MOST_USER_DATA}.`);
  }
  return script;
}

/** What everybody on the instance may see. */
function openFlags({ install, run, endpointUrl, source, balancerFor = [] }: HostPlan): string[] {
  const flags = [...install.flatMap((part) => ['-i', part]), ...run.flatMap((role) => ['-r', role])];
  if (endpointUrl !== undefined) flags.push('-e', endpointUrl);
  flags.push(...balancerFor.flatMap((url) => ['-a', url]), '-k', source);
  return flags.map(oneLine);
}

/** By flag. */
function secretsOf({ transportUrl, workerTransportUrl, databaseUrl, storageUrl, token, adminToken, settings = {} }: HostPlan) {
  const options = Object.entries(settings).map(([name, value]) => oneLine(`${name}=${value}`));
  return {
    m: transportUrl,
    w: workerTransportUrl,
    d: databaseUrl,
    s: storageUrl,
    t: token,
    A: adminToken,
    o: options.join('\n'),
  };
}

/** Lines that write a file. @param through a program that turns the lines into what is written */
const file = (name: string, text: string, through = 'cat'): string[] => [
  `${through} >${name} <<'END_OF_FILE'`,
  text,
  'END_OF_FILE',
];

const packed = (text: string): string =>
  gzipSync(text, { level: 9 })
    .toString('base64')
    .replaceAll(new RegExp(`.{${LINE}}(?=.)`, 'g'), '$&\n');

function oneLine(text: string): string {
  if (!/[\r\n\0]/.test(text)) return text;
  throw new Fault('invalid', `A value for an instance may hold no line break: ${JSON.stringify(text.split(/[\r\n\0]/)[0])} …`);
}

const shellWord = (text: string): string => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);
