import { type Command, InvalidArgumentError, Option } from 'commander';
import { ENROLLED_ROLES, LONGEST_ENROLMENT_MS, MOST_USES, type Role } from '../domain/access.ts';
import { localTime } from './local-time.ts';
import { spanInSeconds } from './span.ts';
import { openTokenDesk } from './token-desk.ts';

const HELP = `
Where a machine is made by a script that others may read (the user data of a
cloud, an image), that script should hold no lasting secret. An enrolment token
is good for nothing but to start faafo-worker with: the worker exchanges it, once,
for a token of its own, which it keeps in its state_dir.

Examples:
  $ faafo token enrol farm --uses 3 --for 1h
  $ faafo token revoke 3f9k2m1x --with-workers
`;

interface EnrolOptions {
  readonly role: Role;
  readonly uses: number;
  readonly for: number;
}

/** `faafo token enrol NAME`: prints an enrolment token. */
export function addEnrol(command: Command): void {
  command
    .alias('enroll')
    .argument('<name>', 'what it is called in lists and in the log')
    .addOption(new Option('--role <role>', 'what it can be exchanged for').choices(ENROLLED_ROLES).default(ENROLLED_ROLES[0]))
    .addOption(new Option('--uses <number>', 'by how many workers').argParser(usesOf).default(1))
    .addOption(
      new Option('--for <span>', 'for how long: 1h, 30m, 30d at most').argParser(shortSpan).default(spanInSeconds('1h'), '1h'),
    )
    .addHelpText('after', HELP)
    .action(async (name: string, { role, uses, for: expires_in }: EnrolOptions, self: Command) => {
      await using desk = await openTokenDesk(self);
      const { token, id, expires_at } = await desk.create({ name, role, expires_in, uses });
      process.stdout.write(`${token}\n`);
      const until = localTime(new Date(expires_at!));
      const whom = uses === 1 ? `one ${role}` : `${uses} ${role}s`;
      process.stderr.write(
        `${id} enrols ${whom} until ${until}. It is not shown again: put it into FAAFO_TOKEN or a token_file.\n`,
      );
    });
}

function usesOf(text: string): number {
  const uses = Number(text);
  if (!/^\d{1,6}$/.test(text) || uses < 1 || uses > MOST_USES)
    throw new InvalidArgumentError(`Write a whole number from 1 to ${MOST_USES}.`);
  return uses;
}

function shortSpan(text: string): number {
  const seconds = spanInSeconds(text);
  if (seconds * 1000 > LONGEST_ENROLMENT_MS) throw new InvalidArgumentError('It is to be short: 30d at most.');
  return seconds;
}
