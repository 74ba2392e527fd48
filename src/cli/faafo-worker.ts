import { VERSION } from './version.ts';

if (process.argv.slice(2).some((word) => word === '--version' || word === '-V')) {
  process.stdout.write(`${VERSION}\n`);
} else {
  process.stderr.write(
    'faafo: faafo-worker needs a transport URL, and this release has no queue between machines: its workers run inside `faafo api`.\n',
  );
  process.exitCode = 2;
}
