// F20: a day of two or three agents and a person, with real git and what manages its hooks: nothing is wrongly denied, nothing
// that had to be denied passes, and nobody is told of what it did not do.
import { isDeepStrictEqual } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { findManager, pathOf } from '../../support/clients/hook-managers.js';
import { describeStep } from '../../support/day/day-types.js';
import { createManagerRoom, hookManagers } from '../../support/day/hook-managers.js';
import { monorepoRoom } from '../../support/day/monorepo-room.js';
import { oneFolder } from '../../support/day/one-folder.js';
import { openRoom, type PlayedRoom } from '../../support/day/play-day.js';
import { worktreesRoom } from '../../support/day/worktrees-room.js';
import { createTestDatabase } from '../../support/setup/database.js';
import type { EnvironmentChange } from '../../support/setup/environment.js';
import { createDataFolder } from '../../support/setup/folders.js';
import { isFullTrial } from '../../support/setup/trial.js';

const modes = isFullTrial ? ['embedded', 'server'] : ['embedded'];

describe.each(modes)('F20: a day in %s mode', (mode) => {
  let env: EnvironmentChange;
  beforeAll(async () => {
    env = { POPSTASH_DATA_DIR: createDataFolder() };
    if (mode === 'server') env = { ...env, DATABASE_URL: (await createTestDatabase()).url };
  });

  describe.each([oneFolder, worktreesRoom, monorepoRoom])('$title', (room) => {
    let played: PlayedRoom;
    beforeAll(async () => {
      played = await openRoom(room, env);
      return played.close;
    });

    for (const [index, each] of room.steps.entries()) {
      test(`${index + 1}. ${describeStep(each)}`, async () => {
        const { said, ...seen } = await played.play(each);
        expect(seen, said).toEqual(each.outcome);
      });
    }
  });

  // The one that takes longest has its tests in hook-managers.test.ts besides.
  const managers = hookManagers.filter(({ name }) => isFullTrial || name !== 'pre-commit');
  test.for(managers)('hooks of $name, which writes them again meanwhile', async (manager) => {
    const path = pathOf(await findManager(manager.name));
    const room = createManagerRoom(manager, path);
    const played = await openRoom(room, { ...env, PATH: path });
    const faults: object[] = [];
    for (const each of room.steps) {
      const { said, ...seen } = await played.play(each);
      if (!isDeepStrictEqual(seen, each.outcome)) faults.push({ step: describeStep(each), ...seen, said });
    }
    await played.close();
    expect(faults).toEqual([]);
  });
});
