/** What a test file opened, to be closed at its end whatever happened, the last first. */
const closers: { name: string; close: () => unknown }[] = [];

/** Calls `close` at the end of this test file. It may have been closed before: it must not mind. */
export function closeAtFileEnd(name: string, close: () => unknown): void {
  closers.push({ name, close });
}

/** Closes all; throws at the end what went wrong on the way, so that nothing stays open because of another. */
export async function closeAll(): Promise<void> {
  const failures: Error[] = [];
  for (let next = closers.pop(); next; next = closers.pop()) {
    try {
      await next.close();
    } catch (error) {
      failures.push(new Error(`closing ${next.name} failed`, { cause: error }));
    }
  }
  if (failures.length === 1) throw failures[0];
  if (failures.length > 1) throw new AggregateError(failures, 'several resources did not close');
}
