import { hostname } from 'node:os';
import { calledAs } from '../hooks/identify/find-agent.js';
import { findSharedClient } from '../hooks/identify/match-agent.js';
import { readChains } from '../hooks/identify/process-tree.js';
import type { HookAsk } from '../http/member-protocol.js';
import { encodeControl, type HookRequest, type HookVerdict } from '../ipc/control-protocol.js';
import { listPids } from '../ipc/list-endpoints.js';
import { chooseFrontsFolder } from '../ipc/socket-path.js';
import { placeNames } from './place-paths.js';
import { describePlace, type PlaceSettler } from './settle-place.js';
import type { TeamClient } from './team-client.js';
import type { FileWatch } from './watch-files.js';

export interface MemberHookDeps {
  team: TeamClient;
  places: PlaceSettler;
  dataDir: string;
  /** Where this process lives on between the hooks before and after a tool. */
  files?: FileWatch;
}

/** Processes of agents that a hook is compared with. */
const MAX_RELATED = 200;

/**
 * Asks the team's server about a hook of this machine. Its files and its processes are looked at here: where the named files
 * are, and which agents' clients the hook may come from.
 * @throws AppError while the server is away
 */
export async function askTeam(deps: MemberHookDeps, request: HookRequest, timeoutMs: number): Promise<HookVerdict> {
  const { team, places, dataDir, files } = deps;
  const here = await places.settle(request.cwd, request.project);
  const names = [...(request.files ?? []), ...(request.commits ?? []).flatMap(({ files }) => files)];
  const [placed, related, place] = await Promise.all([
    placeNames(request.cwd, [...new Set(names)], here, places),
    findRelated(request, dataDir),
    describePlace(here),
  ]);
  const isAfter = request.event === 'post-tool-use';
  const compared = isAfter && request.action === 'shell' ? await files?.end(request) : undefined;
  const written = isAfter && request.action === 'edit' ? await files?.look(listAbsolute(placed)) : undefined;
  // A command may hold secrets, and the server only redacts it: it needs the words, not the files' contents.
  const asked = { request: encodeControl(request).trimEnd(), host: hostname(), here: place, placed, related };
  const { verdict, watch } = await team.ask(
    { ...asked, ...(compared && { compared }), ...(written && { written }) },
    timeoutMs,
  );
  if (watch) await files?.begin(request, here.worktree, watch);
  return verdict;
}

function listAbsolute(placed: HookAsk['placed']): string[] {
  return placed.flatMap(([, files]) => (files ?? []).map(({ absolute }) => absolute));
}

/** Steps up to the client that the hook shares with each `popstash mcp` of this machine; null where processes can't be seen. */
export async function findRelated(
  request: Pick<HookRequest, 'pid' | 'client'>,
  dataDir: string,
): Promise<[number, number][] | null> {
  const pids = listPids(chooseFrontsFolder(dataDir)).slice(0, MAX_RELATED);
  const [asking = [], ...chains] = await readChains([request.pid, ...pids]);
  if (asking.length < 2) return null;
  const options = { calledAs: calledAs(request.client), anyDescendant: request.client === 'git' };
  return pids.flatMap((pid, index): [number, number][] => {
    const distance = findSharedClient(asking, chains[index] ?? [], options);
    return distance === null ? [] : [[pid, distance]];
  });
}
