import { tokenTeller } from '../../src/actions/authenticate.ts';
import type { Repository, TokenRepository } from '../../src/domain/repository.ts';
import type { AccessOptions } from '../../src/http/guard.ts';

/** On a loopback address: everybody may do everything, until a token is made. */
export const openAccess = (repository: Pick<Repository, 'tokens'>): AccessOptions => ({
  teller: tokenTeller(repository),
  isPrivate: true,
  anonymous: 'none',
});

/** The same, for servers that have no repository. */
export const NO_TOKENS: AccessOptions = openAccess({ tokens: { exist: async () => false } as unknown as TokenRepository });
