// Which command texts for agents name, and the launcher that a server writes.
import { mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pino } from 'pino';
import { beforeEach, describe, expect, test } from 'vitest';
import { wordForAgents, wordForOthers, wordForShell } from '../../../src/hooks/install/launcher/command-here.js';
import { ensureLauncher } from '../../../src/hooks/install/launcher/ensure-launcher.js';
import { findLauncher, userEnvironment } from '../../../src/hooks/install/launcher/launcher-path.js';
import { createFolder } from '../../support/setup/folders.js';

const TEXT = 'Ask the user to run popstash doctor.';
let home: string;
let env: { HOME: string; USERPROFILE: string };

function putProgram(root: string): string {
  const main = join(root, 'dist', 'main.js');
  mkdirSync(dirname(main), { recursive: true });
  writeFileSync(main, '', { mode: 0o755 });
  return root;
}

beforeEach(() => {
  home = createFolder();
  env = { HOME: home, USERPROFILE: home };
});

describe('texts for agents name', () => {
  test('the launcher where there is one, also where its path has spaces', () => {
    const spaced = { ...env, POPSTASH_DATA_DIR: join(home, 'my data') };
    ensureLauncher(spaced, pino({ level: 'silent' }));
    expect(wordForAgents(spaced, putProgram(join(home, 'src')))(TEXT)).toBe(
      `Ask the user to run '${findLauncher(spaced)}' doctor.`,
    );
  });

  test('npx where it is an installed package without a launcher, or lies in its cache', () => {
    const installed = putProgram(join(home, 'node_modules', 'popstash'));
    expect(wordForAgents(env, installed)(TEXT)).toMatch(/run npx -y popstash@\d+ doctor\.$/);
    ensureLauncher(env, pino({ level: 'silent' }));
    const cached = putProgram(join(home, '.npm', '_npx', '1f', 'node_modules', 'popstash'));
    expect(wordForAgents(env, cached)(TEXT)).toMatch(/run npx -y popstash@\d+ doctor\.$/);
  });

  test('node and the script where it is neither', () => {
    const root = putProgram(join(home, 'src'));
    expect(wordForAgents(env, root)(TEXT)).toBe(`Ask the user to run node ${join(root, 'dist', 'main.js')} doctor.`);
  });

  test('npx where they are read on another machine', () => {
    expect(wordForOthers(TEXT)).toMatch(/run npx -y popstash@\d+ doctor\.$/);
  });

  test('no popstash of a PATH, which a client need not share with a shell; texts for a shell do', () => {
    const root = putProgram(join(home, 'src'));
    symlinkSync(join(root, 'dist', 'main.js'), join(home, 'popstash'));
    const withPath = { ...env, PATH: home };
    expect(wordForShell(withPath, join(root, 'dist', 'main.js'))(TEXT)).toBe(TEXT);
    expect(wordForAgents(withPath, root)(TEXT)).toContain('run node ');
  });
});

describe('the launcher that a server writes', () => {
  const write = (variables: Record<string, string>) => {
    const told: unknown[] = [];
    ensureLauncher(variables, { warn: (...words: unknown[]) => void told.push(words) } as never);
    return told;
  };

  test('is one that can be run', () => {
    expect(write(env)).toEqual([]);
    expect(readFileSync(findLauncher(env), 'utf8')).toContain(process.execPath);
    expect(statSync(findLauncher(env)).mode & 0o111).not.toBe(0);
  });

  test('stays as it is where there is one', () => {
    const path = findLauncher(env);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, 'of init');
    expect(write(env)).toEqual([]);
    expect(readFileSync(path, 'utf8')).toBe('of init');
  });

  test('is done without where the folder can not be made', () => {
    writeFileSync(join(home, 'file'), '');
    expect(write({ ...env, POPSTASH_DATA_DIR: join(home, 'file') })).toHaveLength(1);
  });

  test('lies where hooks look, though a local server names its data folder in any case', () => {
    const named = { ...env, POPSTASH_DATA_DIR: join(home, 'own') };
    expect(userEnvironment(named)).toBe(named);
    const byDefault = join(home, '.local', 'share', 'popstash');
    if (process.platform === 'linux')
      expect(userEnvironment({ ...env, POPSTASH_DATA_DIR: byDefault }).POPSTASH_DATA_DIR).toBeUndefined();
  });
});
