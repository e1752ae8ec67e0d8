import { pino } from 'pino';
import { expect, test } from 'vitest';
import { createCloser, openTogether } from '../../src/async/closer.js';

const silent = pino({ level: 'silent' });

test('what was opened last closes first, each when the one before has ended', async () => {
  const closed: string[] = [];
  const closer = createCloser(silent);
  for (const name of ['database', 'pool', 'jobs']) {
    closer.add(name, async () => {
      await new Promise(setImmediate);
      closed.push(name);
    });
  }
  await Promise.all([closer.close(), closer.close()]);
  expect(closed).toEqual(['jobs', 'pool', 'database']);
});

test('what fails or hangs does not keep the rest open', async () => {
  const closed: string[] = [];
  const closer = createCloser(silent);
  closer.add('first', () => closed.push('first'));
  closer.add('hangs', () => new Promise(() => undefined), 1);
  closer.add('throws', () => {
    throw new Error('at once');
  });
  closer.add('rejects', () => Promise.reject(new Error('later')));
  await closer.close();
  expect(closed).toEqual(['first']);
});

test('what can not be opened together is closed again', async () => {
  const closed: string[] = [];
  const opening = openTogether(silent, async (closer) => {
    closer.add('database', () => closed.push('database'));
    closer.add('pool', () => closed.push('pool'));
    throw new Error('the migration failed');
  });
  await expect(opening).rejects.toThrow('the migration failed');
  expect(closed).toEqual(['pool', 'database']);
});

test('what was opened together is closed together', async () => {
  const closed: string[] = [];
  const opened = await openTogether(silent, async (closer) => {
    closer.add('database', () => closed.push('database'));
    return { value: 1 };
  });
  expect([opened.value, closed]).toEqual([1, []]);
  await opened.close();
  expect(closed).toEqual(['database']);
});
