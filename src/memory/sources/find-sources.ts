import { join, relative, sep } from 'node:path';
import { type Environment, homeFolder } from '../../config.js';
import { listForeignFolder, readForeignBeginning } from '../../files/read-foreign-file.js';
import type { SourceName } from './source-list.js';

/** Where sources are looked for. */
export interface SourcePlaces {
  /** Top folder of the worktree. */
  worktree: string;
  /** Top folder of the repository's main worktree, by which Claude Code names a project. */
  mainWorktree: string;
  /** Of the person: clients may keep their files elsewhere. */
  env: Environment;
}

export interface FoundSource {
  source: SourceName;
  path: string;
  /** What keys call the file, where its own name is not enough. */
  label?: string;
}

/** Files that an agent reads at the start of a session. */
const INSTRUCTION_FILES = ['CLAUDE.md', 'CLAUDE.local.md', 'AGENTS.md'];
/** Where server-memory is often told to keep its graph. */
const GRAPH_FILES = ['memory.json', 'memory.jsonl', '.memory.json', '.memory.jsonl'];
/** Of a file, in bytes, by which its format is told. */
const BEGINNING = 4_096;

/** Where a format is kept in this project, as far as it has a place of its own. */
export function findSource(source: SourceName, places: SourcePlaces): FoundSource[] {
  const paths = listPaths(source, places);
  return paths.map((path) => ({
    source,
    path,
    ...(source === 'instructions' && { label: relative(places.worktree, path).split(sep).join('/') }),
  }));
}

/** All memories of this project that other tools have left. */
export function findSources(places: SourcePlaces): FoundSource[] {
  const found: FoundSource[] = [];
  for (const source of ['claude-code', 'instructions', 'cursor-rules', 'beads', 'server-memory'] as const) {
    found.push(...findSource(source, places));
  }
  return found;
}

/** Claude Code's folder: https://code.claude.com/docs/en/settings#environment-variables */
function chooseClaudeFolder(env: Environment): string {
  return (env.CLAUDE_CONFIG_DIR ?? join(homeFolder(), '.claude')).split(',')[0] ?? '';
}

function listPaths(source: SourceName, { worktree, mainWorktree, env }: SourcePlaces): string[] {
  switch (source) {
    case 'claude-code': {
      const folders = [...new Set([mainWorktree, worktree])].map((root) =>
        join(chooseClaudeFolder(env), 'projects', nameClaudeProject(root), 'memory'),
      );
      return keepFilled(folders);
    }
    case 'instructions':
      return keepPresent([...INSTRUCTION_FILES, join('.claude', 'CLAUDE.md')].map((name) => join(worktree, name)));
    case 'cursor-rules':
      return [...keepFilled([join(worktree, '.cursor', 'rules')]), ...keepPresent([join(worktree, '.cursorrules')])];
    case 'beads': {
      const files = ['issues.jsonl', 'beads.jsonl'].map((name) => join(worktree, '.beads', name));
      // The newer name first: both hold the same.
      return keepPresent(files).slice(0, 1);
    }
    case 'server-memory': {
      const present = keepPresent(GRAPH_FILES.map((name) => join(worktree, name)));
      return present.filter(beginsWithEntity);
    }
    default:
      return [];
  }
}

/** Claude Code writes the path of a project with a hyphen for each character that is no letter or digit. */
export function nameClaudeProject(root: string): string {
  return root.replace(/[^a-zA-Z0-9]/g, '-');
}

function beginsWithEntity(path: string): boolean {
  const [line = ''] = readForeignBeginning(path, BEGINNING)?.split('\n') ?? [];
  return /"type"\s*:\s*"(entity|relation)"/.test(line);
}

function keepPresent(paths: readonly string[]): string[] {
  return paths.filter((path) => (readForeignBeginning(path, BEGINNING) ?? '').trim() !== '');
}

function keepFilled(folders: readonly string[]): string[] {
  return folders.filter((folder) => listForeignFolder(folder, 1).length > 0);
}
