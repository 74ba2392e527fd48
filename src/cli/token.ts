import { type Command, Option } from 'commander';
import { ROLES, type Role } from '../domain/access.ts';
import type { TokenResource } from '../http/token-schemas.ts';
import { localTime } from './local-time.ts';
import { addFormatOptions, type Column, type FormatOptions, formatList } from './output.ts';
import { addFlags } from './settings-flags.ts';
import { spanInSeconds } from './span.ts';
import { openTokenDesk } from './token-desk.ts';
import { addEnrol } from './token-enrol.ts';
import { parseToken, readToken } from './token-setting.ts';

const HELP = `
A token shows who somebody is: a viewer looks, a creator orders and has what it
ordered, a worker draws and does nothing else, an admin does all but drawing.
These commands ask the API, with the token of an admin; with --data-dir or
--database-url they go to the database itself, beside the API if it runs: so
the first token is made. It closes the service to those who have none.

Examples:
  $ faafo token create ann --role admin --data-dir ./data
  $ faafo token create bob --role creator --expires 90d > bob.token
  $ faafo token enrol farm --uses 3 --for 1h
  $ faafo token list
  $ faafo token revoke 3f9k2m1x
`;

const time = (text: string | null): string => (text === null ? '-' : localTime(new Date(text)));

function stateOf({ revoked_at, expires_at, uses_left }: TokenResource): string {
  if (revoked_at !== null) return 'revoked';
  if (uses_left === 0) return 'used up';
  return expires_at !== null && Date.parse(expires_at) <= Date.now() ? 'expired' : 'valid';
}

const COLUMNS: readonly Column<TokenResource>[] = [
  { name: 'ID', cell: ({ id }) => id },
  { name: 'Name', cell: ({ name }) => name },
  { name: 'Role', cell: ({ role }) => role },
  { name: 'State', cell: stateOf },
  { name: 'Uses left', cell: (t) => t.uses_left, text: (t) => (t.uses === null ? '-' : `${t.uses_left} of ${t.uses}`) },
  { name: 'Expires at', cell: (t) => t.expires_at, text: (t) => time(t.expires_at) },
  { name: 'Last used at', cell: (t) => t.last_used_at, text: (t) => time(t.last_used_at) },
  { name: 'Created at', cell: (t) => t.created_at, text: (t) => time(t.created_at), hidden: true },
  { name: 'Revoked at', cell: (t) => t.revoked_at, text: (t) => time(t.revoked_at), hidden: true },
  { name: 'Enrolled by', cell: (t) => t.enrolment, text: (t) => t.enrolment ?? '-', hidden: true },
];

export function addToken(program: Command): void {
  const token = program.command('token').description('make, list and revoke tokens').addHelpText('after', HELP);
  addCreate(withDatabase(token.command('create').description('make a token, and print it this once')));
  addEnrol(withDatabase(token.command('enrol').description('make a token that workers exchange for their own')));
  addList(withDatabase(token.command('list').description('list all tokens, but for their secrets')));
  addRevoke(withDatabase(token.command('revoke').description('make tokens worthless, within 5 seconds')));
}

const withDatabase = (command: Command): Command => addFlags(command, ['data_dir', 'database_url']);

interface CreateOptions {
  readonly role: Role;
  readonly expires: number;
  readonly tokenFrom?: string;
}

function addCreate(command: Command): void {
  command
    .argument('<name>', 'whose token it is; somebody may have several')
    .addOption(new Option('--role <role>', 'what it is good for').choices(ROLES).makeOptionMandatory())
    .addOption(
      new Option('--expires <span>', 'after how long: 90d, 12h, 30m, or never')
        .argParser(spanInSeconds)
        .default(spanInSeconds('365d'), '365d'),
    )
    .option('--token-from <file>', 'take the one in that file, which was made elsewhere; in the database itself alone')
    .action(async (name: string, { role, expires, tokenFrom }: CreateOptions, self: Command) => {
      const given = tokenFrom === undefined ? undefined : parseToken(readToken(tokenFrom));
      await using desk = await openTokenDesk(self);
      const wish = { name, role, expires_in: Number.isFinite(expires) ? expires : null };
      const { token, id, expires_at } = await desk.create(wish, given);
      // The token alone goes where it can be piped; what is said about it, to whoever looks on.
      process.stdout.write(`${token}\n`);
      const until = expires_at === null ? 'never expires' : `expires at ${time(expires_at)}`;
      process.stderr.write(
        `${id} of ${name}, ${role}, ${until}. It is not shown again: put it into FAAFO_TOKEN or a token_file.\n`,
      );
    });
}

function addList(command: Command): void {
  addFormatOptions(command).action(async (options: FormatOptions, self: Command) => {
    await using desk = await openTokenDesk(self);
    process.stdout.write(await formatList(await desk.list(), COLUMNS, options));
  });
}

function addRevoke(command: Command): void {
  command
    .argument('<id...>', 'as faafo token list shows them')
    .option('--with-workers', 'of an enrolment token: also what it was exchanged for')
    .action(async (ids: string[], { withWorkers = false }: { withWorkers?: boolean }, self: Command) => {
      await using desk = await openTokenDesk(self);
      for (const id of ids) {
        const { name, role, also_revoked: more } = await desk.revoke(id, withWorkers);
        const workers = withWorkers ? `, and ${more} ${more === 1 ? 'token' : 'tokens'} that it was exchanged for` : '';
        process.stderr.write(`revoked ${id} of ${name}, ${role}${workers}\n`);
      }
    });
}
