/** 999, 12.3 k, 4.2 M, 1.99 G: three digits are enough. */
export function formatLarge(value: number): string {
  if (value < 0.0005) return '0';
  if (value < 1000) return String(Number(value.toPrecision(3)));
  const power = Math.min(5, Math.floor(Math.log10(value) / 3));
  const scaled = Number((value / 1000 ** power).toPrecision(3));
  // 999.9 thousand are a million.
  return scaled >= 1000 && power < 5 ? `1 ${' kMGTP'[power + 1]}` : `${scaled} ${' kMGTP'[power]}`;
}

/** "4 s", "12 min", "3 h 5 min", "2 d 4 h". @param seconds at least 0 */
export function formatSpan(seconds: number): string {
  const whole = Math.floor(seconds);
  if (whole < 100) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 100) return `${minutes} min`;
  const [days, hours] = [Math.floor(minutes / 1440), Math.floor(minutes / 60)];
  if (days < 2) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  return hours % 24 === 0 ? `${days} d` : `${days} d ${hours % 24} h`;
}
