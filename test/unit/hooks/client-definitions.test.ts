import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { clients, findClient } from '../../../src/hooks/clients/client-list.js';
import { formats } from '../../../src/hooks/clients/formats/format-list.js';
import { asFields } from '../../../src/hooks/definition/payload-fields.js';
import { createToolReader } from '../../../src/hooks/definition/read-tool.js';
import { clientTargets } from '../../../src/hooks/install/client-targets.js';
import { createFolder } from '../../support/setup/folders.js';

const readTool = createToolReader(formats.map(({ tools }) => tools));
const START = { program: ['popstash'], shared: null, flags: [], env: {} };

describe.each(clients.map((client) => [client.name, client] as const))('%s', (name, client) => {
  it('is found by its name, and called by lower-case names', () => {
    expect(findClient(name)).toBe(client);
    expect(name).toMatch(/^[a-z][a-z-]*$/);
    for (const each of [client.calledAs, ...client.tools.edits, ...client.tools.shells]) {
      expect(each).toBe(each.toLowerCase());
    }
  });

  it('reads any payload without an error', () => {
    for (const payload of [
      null,
      1,
      [],
      {},
      { tool_name: 1, tool_input: null },
      { preToolUse: 'x', workspaceRoots: 1 },
    ]) {
      expect(client.readPayload('pre-tool-use', asFields(payload), readTool).action).toBeUndefined();
    }
  });

  it('owns files inside the project or the home folder; what is added to them is taken out again', () => {
    const places = { worktree: createFolder(), home: createFolder() };
    const targets = clientTargets(client, places, START);
    expect(new Set(targets.map(({ path }) => path)).size).toBe(targets.length);
    for (const target of targets) {
      expect([places.worktree, places.home].some((folder) => target.path.startsWith(folder))).toBe(true);
      const added = target.add(null);
      expect(target.add(added)).toBe(added);
      expect(target.remove(added)).toBeNull();
      if (!target.path.endsWith('.json')) continue;
      const own = '{\n  // mine\n  "mine": true,\n  "version": 1\n}\n';
      expect(target.remove(target.add(own))).toBe(own);
    }
  });
});

const hooked = clients.filter(({ hooks }) => hooks.length > 0).map((client) => [client.name, client] as const);

it.each(hooked)('%s reads its own payload of an edit, and words a denial that a pass has not', (_, client) => {
  const payload = JSON.parse(JSON.stringify(client.samplePayload('/work/a.ts', '/work', 's1')));
  const use = client.readPayload('pre-tool-use', asFields(payload), readTool);
  expect(use).toMatchObject({ action: 'edit', files: ['/work/a.ts'], cwd: '/work', session: 's1' });
  const bound = client.hooks.filter(({ event }) => event === 'pre-tool-use').map((each) => each.name.toLowerCase());
  // Copilot's command line does not name the event.
  expect(bound).toEqual([use.eventName?.toLowerCase() ?? 'pretooluse']);
  const write = (decision: 'deny' | 'pass') => {
    return client.writeVerdict('pre-tool-use', use.eventName, {
      popstash: 'verdict',
      decision,
      message: 'held by X',
    });
  };
  expect(JSON.parse(write('deny').stdout)).toEqual(expect.any(Object));
  expect(write('deny').stdout).toContain('held by X');
  expect(write('pass').stdout).not.toContain('held by X');
});

// How a client keeps its own account of tokens is another kind of knowledge: accountability/clients has a file for each.
it('no source file outside hooks/clients, accountability and memory/sources names a client', () => {
  const root = join(import.meta.dirname, '../../../src');
  const words = clients.flatMap(({ name, title, calledAs, folderVariable = name }) => {
    return [name, title, calledAs, folderVariable];
  });
  // A database has cursors too, and so has a terminal: there the word counts as a name, in quotes or in a path.
  const common = /^cursor$/i;
  const names = new RegExp(
    [...new Set(words)]
      .map((word) => (common.test(word) ? `['"\`/]\\.?${word}\\b(?!\\()|\\b${word}[,|] ` : `\\b${word}`))
      .join('|'),
    'i',
  );
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(
    (path) => path.endsWith('.ts') && !/^(accountability|generated)\b/.test(path),
  );
  expect(files.length).toBeGreaterThan(200);
  // Readers of what clients keep on disk, one file each. A model such as claude-opus-4-5 is no client.
  const readers = ['accountability', join('memory', 'sources')];
  const others = files.filter((path) => !readers.some((folder) => path.startsWith(folder)));
  const models = /\b[a-z]+(-[a-z]+)*-\d[\w.-]*/g;
  // Examples, a terminal's own name, and the path of a reader.
  const allowed = /--author codex|read-opencode|\(codex, session|vscode pts|accountability\/clients\/\w+/g;
  const naming = others.filter((path) => {
    return names.test(readFileSync(join(root, path), 'utf8').replace(models, 'model').replace(allowed, ''));
  });
  expect(naming.filter((path) => !path.startsWith(join('hooks', 'clients')))).toEqual([]);
  expect(naming.length).toBeGreaterThan(clients.length);
});
