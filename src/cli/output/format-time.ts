/** Makes a function that shows instants as local time: `2026-11-26 09:05`, with seconds if they are wanted. */
export function createTimeFormat(timezone: string, { hasSeconds = false } = {}): (at: Date) => string {
  const format = new Intl.DateTimeFormat('en', {
    timeZone: timezone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  });
  return (at) => {
    const parts = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]));
    const time = `${parts.year}-${parts.month}-${parts.day} ${parts.hour}:${parts.minute}`;
    return hasSeconds ? `${time}:${parts.second}` : time;
  };
}
