import type { Page } from 'playwright-core';

const KEPT = 25;

export interface Watching {
  watch(page: Page): void;
  /** What each page that is still open shows and has asked for, in words: for whoever reads that a test failed, on a machine that is gone by then. */
  tell(): Promise<string>;
  forget(): void;
}

export function watchPages(): Watching {
  const pages = new Map<Page, string[]>();
  return {
    watch: (page) => {
      const asked: string[] = [];
      const add = (line: string): void => {
        asked.push(`${new Date().toISOString().slice(14, 23)} ${line}`);
        if (asked.length > KEPT) asked.shift();
      };
      page.on('response', (response) => add(`${response.status()} ${response.request().method()} ${response.url()}`));
      page.on('requestfailed', (request) => add(`${request.failure()?.errorText} ${request.method()} ${request.url()}`));
      pages.set(page, asked);
    },
    tell: async () => {
      const open = [...pages].filter(([page]) => !page.isClosed());
      const told = open.map(async ([page, asked]) => [page.url(), ...(await page.evaluate(look)), ...asked].join('\n  '));
      return (await Promise.all(told)).join('\n');
    },
    forget: () => pages.clear(),
  };
}

/** In the page. */
function look(): string[] {
  const seen = document.querySelectorAll<HTMLElement>('h1, h2, dialog[open], [role=alert], [role=status]');
  const lines = [...seen].map(
    (element) => `${element.tagName.toLowerCase()}: ${element.textContent.replaceAll(/\s+/g, ' ').slice(0, 200)}`,
  );
  return [...lines, `focus: ${document.activeElement?.outerHTML.slice(0, 200)}`];
}
