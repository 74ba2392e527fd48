import type { Page } from 'playwright-core';

/**
 * Texts that stand out too little from what is behind them: below 4.5 to 1, or 3 to 1 when large (WCAG 2.2, 1.4.3).
 * Texts on pictures are left out: what is behind them is not known. So are texts that are only read aloud.
 * @returns one line for each, with the ratio; empty when all can be read
 */
export async function faintTexts(page: Page): Promise<string[]> {
  return await page.evaluate(() => {
    type Colour = readonly [red: number, green: number, blue: number, alpha: number];
    const context = document.createElement('canvas').getContext('2d', { willReadFrequently: true })!;
    const parse = (text: string): Colour => {
      context.clearRect(0, 0, 1, 1);
      context.fillStyle = text;
      context.fillRect(0, 0, 1, 1);
      const [red = 0, green = 0, blue = 0, alpha = 0] = context.getImageData(0, 0, 1, 1).data;
      return [red, green, blue, alpha / 255];
    };
    const over = (top: Colour, under: Colour): Colour => {
      const mix = (a: number, b: number): number => a * top[3] + b * (1 - top[3]);
      return [mix(top[0], under[0]), mix(top[1], under[1]), mix(top[2], under[2]), 1];
    };
    const behind = (element: Element): Colour => {
      const own = parse(getComputedStyle(element).backgroundColor);
      if (own[3] === 1) return own;
      return over(own, element.parentElement ? behind(element.parentElement) : [255, 255, 255, 1]);
    };
    const luminance = (colour: Colour): number => {
      const [red, green, blue] = colour.slice(0, 3).map((part) => {
        const value = part / 255;
        return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
      }) as [number, number, number];
      return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    };
    const hasText = (element: Element): boolean =>
      [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.nodeValue?.trim() !== '');
    const seen = [...document.querySelectorAll('body *, input')].filter(
      (element) =>
        (hasText(element) || element.matches('input[type=text]')) &&
        element.checkVisibility() &&
        !element.closest('.stage > a, .off-screen'),
    );
    return seen.flatMap((element) => {
      const style = getComputedStyle(element);
      const size = Number.parseFloat(style.fontSize);
      if (size === 0) return [];
      const background = behind(element);
      const [dark, light] = [luminance(over(parse(style.color), background)), luminance(background)].sort((a, b) => a - b);
      const ratio = (light! + 0.05) / (dark! + 0.05);
      const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
      return ratio < (large ? 3 : 4.5) ? [`${ratio.toFixed(2)}: ${element.textContent?.slice(0, 40)} (${style.color})`] : [];
    });
  });
}
