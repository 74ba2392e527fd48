import { hostname, userInfo } from 'node:os';
import type { Command } from 'commander';
import type { IssuedTokenResource, RevokedTokenResource, TokenBody, TokenResource } from '../http/token-schemas.ts';
import { complain } from './run.ts';
import { openSession } from './session.ts';
import { loadSettings } from './settings.ts';
import { readFlags } from './settings-flags.ts';
import { UsageError } from './usage-error.ts';

/** Where tokens are made, listed and revoked. */
export interface TokenDesk extends AsyncDisposable {
  /** @param given a token that was made elsewhere */
  create(body: TokenBody & { readonly expires_in: number | null }, given?: string): Promise<IssuedTokenResource>;
  list(): Promise<readonly TokenResource[]>;
  /** @param withWorkers of an enrolment token: also what it was exchanged for */
  revoke(id: string, withWorkers: boolean): Promise<RevokedTokenResource>;
}

/** The API; or the database itself, where the flags name one. @throws {UsageError} {Fault} */
export async function openTokenDesk(command: Command): Promise<TokenDesk> {
  const flags = readFlags(command);
  if (flags.data_dir === undefined && flags.database_url === undefined) return await deskOfApi(command);
  return await deskOfDatabase(loadSettings(flags).database_url);
}

async function deskOfApi(command: Command): Promise<TokenDesk> {
  const { client } = await openSession(command);
  return {
    create: (body, given) => {
      // The API tells tokens, and is told none.
      if (given !== undefined) throw new UsageError('--token-from is for the database itself: say --data-dir or --database-url.');
      return client.createToken(body);
    },
    list: async () => (await client.tokens()).objects,
    revoke: (id, withWorkers) => client.revokeToken(id, withWorkers),
    [Symbol.asyncDispose]: async () => undefined,
  };
}

/** No identity of the service is asked for: the machine's word is all there is. */
function whoIsHere(): string {
  try {
    return `${userInfo().username}@${hostname()}`;
  } catch {
    // A container may run as a number that has no name.
    return `${process.getuid?.() ?? 'somebody'}@${hostname()}`;
  }
}

/** What is done here leaves a note, which the audit of the service tells. */
async function deskOfDatabase(database_url: string): Promise<TokenDesk> {
  const { openRepository } = await import('./open-repository.ts');
  const { createToken, revokeToken } = await import('../actions/manage-tokens.ts');
  const { toIssuedToken, toRevokedToken, toTokenResource } = await import('../http/token-resource.ts');
  const repository = await openRepository({ database_url }, complain, { beside: true });
  return {
    create: async ({ name, role, expires_in, uses = null }, given) => {
      const expiresInMs = expires_in === null ? null : expires_in * 1000;
      return toIssuedToken(await createToken(repository, { name, role, expiresInMs, uses, given, who: whoIsHere() }));
    },
    list: async () => (await repository.tokens.list()).map(toTokenResource),
    revoke: async (id, withWorkers) => {
      return toRevokedToken(await revokeToken(repository, id, { withWorkers, who: whoIsHere() }));
    },
    [Symbol.asyncDispose]: () => repository[Symbol.asyncDispose](),
  };
}
