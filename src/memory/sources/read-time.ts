/** A time of a source, where it is one: sources write what they like. */
export function readIso(text: string | null | undefined): Date | null {
  return text ? usable(new Date(text)) : null;
}

/** Seconds or milliseconds since 1970. */
export function readEpoch(count: number | null | undefined, unit: 's' | 'ms'): Date | null {
  return count ? usable(new Date(unit === 's' ? count * 1_000 : count)) : null;
}

/** Years that four digits write, as ISO 8601 does. */
function usable(date: Date): Date | null {
  const year = date.getUTCFullYear();
  return Number.isNaN(year) || year < 1970 || year > 9_999 ? null : date;
}
