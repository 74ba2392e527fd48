import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { type BrowserContextOptions, chromium, type Page } from 'playwright-core';

const SCREENSHOTS = fileURLToPath(new URL('../../build/screenshots/', import.meta.url));
const PROGRAM = process.env.FAAFO_CHROMIUM ?? '/usr/bin/chromium';
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-dev-shm-usage',
];

interface Tab {
  readonly page: Page;
  /** whatever the page should not have done: errors on the console, refused by the security policy, requests to other hosts */
  readonly complaints: string[];
}

export interface TestBrowser extends AsyncDisposable {
  /** @param expected console errors that belong to the test, such as the browser's own line about a 422 */
  open(url: string, options?: BrowserContextOptions & { expected?: RegExp }): Promise<Tab>;
}

/**
 * Debian's Chromium without a window.
 * @param names of this machine; nothing else has a name
 * @throws when it is not installed, with the command that installs it
 */
export async function startBrowser(names: readonly string[] = []): Promise<TestBrowser> {
  const rules = [...names.map((name) => `MAP ${name} 127.0.0.1`), 'MAP * ~NOTFOUND', 'EXCLUDE 127.0.0.1'];
  const args = [...FLAGS, `--host-resolver-rules=${rules.join(' , ')}`];
  const browser = await chromium.launch({ executablePath: PROGRAM, args }).catch((cause: unknown) => {
    throw new Error(
      `${PROGRAM} does not start; on Debian: apt-get install -y --no-install-recommends chromium fonts-dejavu-core`,
      {
        cause,
      },
    );
  });
  return {
    open: async (url, { expected, ...options } = {}) => {
      const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
      const page = await context.newPage();
      page.setDefaultTimeout(25_000);
      const complaints = listenForComplaints(page, expected);
      await page.goto(url);
      return { page, complaints };
    },
    [Symbol.asyncDispose]: () => browser.close(),
  };
}

function listenForComplaints(page: Page, expected: RegExp | undefined): string[] {
  const complaints: string[] = [];
  page.on('console', (message) => {
    const text = `${message.type()}: ${message.text()}`;
    if (['error', 'warning'].includes(message.type()) && !expected?.test(text)) complaints.push(text);
  });
  page.on('pageerror', (error) => complaints.push(`uncaught: ${error.message}`));
  page.on('request', (request) => {
    const { protocol, hostname } = new URL(request.url());
    if (hostname !== '127.0.0.1' && protocol !== 'data:' && protocol !== 'blob:') complaints.push(`request to ${request.url()}`);
  });
  return complaints;
}

/** Marks the document, so that `isSameDocument` can tell whether it was loaded anew since. */
export async function mark(page: Page): Promise<void> {
  await page.evaluate(() => document.documentElement.setAttribute('data-marked', ''));
}

export async function isSameDocument(page: Page): Promise<boolean> {
  return await page.evaluate(() => document.documentElement.hasAttribute('data-marked'));
}

/** Resolves when every picture that the page shows is there; gives [natural width, natural height] of each. */
export async function picturesOf(page: Page): Promise<[number, number][]> {
  return await page.locator('img.picture').evaluateAll(async (images) =>
    Promise.all(
      images.map(async (image): Promise<[number, number]> => {
        const picture = image as HTMLImageElement;
        picture.loading = 'eager';
        await picture.decode();
        return [picture.naturalWidth, picture.naturalHeight];
      }),
    ),
  );
}

/** Keeps what the page looks like in build/screenshots/NAME.png, for people. */
export async function keepScreenshot(page: Page, name: string, fullPage = false): Promise<void> {
  await mkdir(SCREENSHOTS, { recursive: true });
  await picturesOf(page);
  await page.screenshot({ path: `${SCREENSHOTS}${name}.png`, fullPage, animations: 'disabled' });
}
