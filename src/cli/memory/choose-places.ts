import { basename, dirname, resolve } from 'node:path';
import type { Environment } from '../../config.js';
import { type FoundSource, findSource, findSources } from '../../memory/sources/find-sources.js';
import type { SourceName } from '../../memory/sources/source-list.js';
import { locateProject } from '../../project/locate-project.js';

/** The files and folders that an import reads: the one that is named, else those that this project has. */
export async function choosePlaces(
  env: Environment,
  from: SourceName | 'auto',
  path: string | undefined,
): Promise<FoundSource[]> {
  if (path !== undefined && from !== 'auto') return [{ source: from, path: path === '-' ? path : resolve(path) }];
  const { root, worktree } = locateProject(resolve(path ?? '.'), undefined);
  const places = {
    worktree,
    mainWorktree: basename(root) === '.git' ? dirname(root) : worktree,
    env,
  };
  return from === 'auto' ? findSources(places) : findSource(from, places);
}
