import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');
const DOCUMENTS = [
  ...readdirSync(ROOT).filter((name) => name.endsWith('.md')),
  ...readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name)),
];

/** Files that a text points to, as a path from the root. */
function links(document: string): string[] {
  const text = readFileSync(join(ROOT, document), 'utf8');
  const targets = [...text.matchAll(/\]\((?!https?:|mailto:|#)([^)#\s]+)/g)].map((match) => match[1]!);
  return targets.map((target) => join(dirname(document), target));
}

describe('the documents', () => {
  it('point to files that are there', () => {
    expect(links('SECURITY.md').length).toBeGreaterThan(20);
    const lost = DOCUMENTS.flatMap((document) =>
      links(document)
        .filter((path) => !existsSync(join(ROOT, path)))
        .map((path) => `${document} points to ${path}`),
    );
    expect(lost).toEqual([]);
  });
});
