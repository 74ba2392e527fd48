import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { TestProject } from 'vitest/node';
import { debianRoot } from './debian-root.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** the package, as npm pack makes it */
    tarball: string;
  }
}

const ROOT = resolve(import.meta.dirname, '../../..');

/** The package and the image of a host, once for all files. scripts/test-hosts.mjs has built what goes into the package. */
export default async function pack(project: TestProject): Promise<() => void> {
  const folder = mkdtempSync(join(tmpdir(), 'faafo-test-package-'));
  const words = ['pack', '--silent', '--ignore-scripts', '--pack-destination', folder];
  const name = execFileSync('npm', words, { cwd: ROOT, encoding: 'utf8' }).trim().split('\n').at(-1)!;
  project.provide('tarball', join(folder, name));
  await debianRoot();
  return () => rmSync(folder, { recursive: true, force: true });
}
