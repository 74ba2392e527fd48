import { afterAll, beforeAll, describe } from 'vitest';
import { openSharedRepository } from '../../src/repository/open.ts';
import { repositoryContract } from '../contract/repository.ts';
import { sharedDatabaseContract } from '../contract/shared-database.ts';
import { startPostgres } from '../support/servers/postgres.ts';
import type { PrivateDatabase } from '../support/servers/private-server.ts';

describe('the repository on PostgreSQL', () => {
  let server: PrivateDatabase;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server[Symbol.asyncDispose]());
  const open = (url: string, queryMs = 15_000) =>
    openSharedRepository(url, { name: 'of the test', onWait: () => undefined, queryMs });

  repositoryContract(async () => await open(server.url));
  sharedDatabaseContract(() => server, open);
});
