import axe from 'axe-core';
import type { Page } from 'playwright-core';

/** What makes the page hard to use without eyes or hands, one line for each rule that is broken. */
export async function axeFindings(page: Page): Promise<string[]> {
  // The policy of the page lets no script in but its own; what is evaluated from outside is none of them.
  await page.evaluate(axe.source);
  return await page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
    };
    return (await axe.run()).violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
  });
}
