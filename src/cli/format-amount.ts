const LARGE = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 });

/** Three digits and a letter: `1.23M`, `137B`; small numbers as they are, `0.42`. */
export const formatAmount = (value: number): string => LARGE.format(value);

/** `7 s`, `12 min`, `3 h 5 min`, `2 d 4 h` */
export function formatSpan(seconds: number): string {
  const whole = Math.floor(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 24 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}
