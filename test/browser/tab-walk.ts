import type { Page } from 'playwright-core';
import { expect } from 'vitest';

/** More than any page of ours has. */
const MOST_STEPS = 250;
/** Behind the last control Tab goes to the window around the page, which gives the focus back in its own time: a moment later than it takes the key. */
const HANDED_BACK_MS = 300;

interface Step {
  /** null: the focus left the page */
  readonly name: string | null;
  /** what is wrong with where the focus is */
  readonly faults: readonly string[];
}

/**
 * Goes through the page, or the dialog that is open, by Tab from where the focus is until it comes round. Fails where a control is never reached, or the focus cannot be seen on one.
 * @param most ends after so many steps, and does not ask for every control: for pages that are not ours
 * @returns the names of what was reached, in that order
 */
export async function walkByTab(page: Page, most?: number): Promise<string[]> {
  await page.evaluate(prepare);
  const names: string[] = [];
  const faults: string[] = [];
  for (let i = 0; i < (most ?? MOST_STEPS); i++) {
    await page.keyboard.press('Tab');
    const step = await page.evaluate(look);
    if (step === 'round') break;
    if (step.name !== null) names.push(step.name);
    // What lies over what is for the makers of other pages to say.
    faults.push(...step.faults.filter((fault) => most === undefined || !fault.includes(': behind ')));
  }
  await page.waitForTimeout(HANDED_BACK_MS);
  expect(faults).toEqual([]);
  if (most === undefined) expect(await page.evaluate(missed)).toEqual([]);
  return names;
}

/** In the page: what the other two need. */
function prepare(): void {
  const nameOf = (element: Element): string => {
    const labels = 'labels' in element ? [...(element as HTMLInputElement).labels!].map((label) => label.textContent) : [];
    const text = element.getAttribute('aria-label') ?? (labels.join(' ') || element.textContent || element.getAttribute('title'));
    return `${element.tagName.toLowerCase()} ${text?.trim().replaceAll(/\s+/g, ' ').slice(0, 60) ?? element.outerHTML.slice(0, 200)}`;
  };
  const isStop = (element: Element): boolean => {
    if (!(element instanceof HTMLElement || element instanceof SVGElement) || element.tabIndex < 0) return false;
    if (element.matches(':disabled, [inert] *') || !element.checkVisibility({ visibilityProperty: true })) return false;
    // One of a group is a stop, the others are gone to by arrow keys.
    if (element instanceof HTMLInputElement && element.type === 'radio' && !element.checked) return false;
    return element.getBoundingClientRect().width > 0;
  };
  const looksOf = (element: Element): string => {
    const around = [element, element.parentElement, element.parentElement?.parentElement, element.nextElementSibling];
    return around
      .map((each) => {
        if (!each) return '';
        const { outlineStyle, outlineWidth, outlineColor, boxShadow, backgroundColor, borderColor } = getComputedStyle(each);
        return [outlineStyle === 'none' ? '' : outlineWidth + outlineColor, boxShadow, backgroundColor, borderColor].join();
      })
      .join('|');
  };
  for (const element of document.querySelectorAll('[data-walked]')) element.removeAttribute('data-walked');
  Object.assign(globalThis, { tabWalk: { nameOf, isStop, looksOf } });
}

interface Walk {
  readonly nameOf: (element: Element) => string;
  readonly isStop: (element: Element) => boolean;
  readonly looksOf: (element: Element) => string;
}

function look(): Step | 'round' {
  const { nameOf, looksOf } = (globalThis as unknown as { tabWalk: Walk }).tabWalk;
  const element = document.activeElement as HTMLElement | null;
  if (!element || element === document.body) return { name: null, faults: [] };
  if (element.hasAttribute('data-walked')) return 'round';
  element.setAttribute('data-walked', '');
  const name = nameOf(element);
  const faults: string[] = [];
  const focused = looksOf(element);
  const { left, right, top, bottom } = element.getBoundingClientRect();
  if (right <= 0 || bottom <= 0 || left >= innerWidth || top >= innerHeight) faults.push(`${name}: out of sight`);
  else if (element.matches('a, button')) {
    const x = Math.min(Math.max((left + right) / 2, 1), innerWidth - 1);
    const y = Math.min(Math.max((top + bottom) / 2, 1), innerHeight - 1);
    const there = document.elementFromPoint(x, y);
    if (there && !element.contains(there) && !there.contains(element)) faults.push(`${name}: behind ${nameOf(there)}`);
  }
  element.blur();
  if (looksOf(element) === focused) faults.push(`${name}: focus cannot be seen`);
  element.focus({ preventScroll: true });
  return { name, faults };
}

function missed(): string[] {
  const { nameOf, isStop } = (globalThis as unknown as { tabWalk: Walk }).tabWalk;
  const dialog = document.querySelector('dialog[open]');
  return [...(dialog ?? document).querySelectorAll('*')]
    .filter((element) => isStop(element) && !element.hasAttribute('data-walked'))
    .map(nameOf);
}
