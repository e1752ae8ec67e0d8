import {
  type ActivityFollower,
  followActivities,
  MAX_FOLLOWED,
} from '../../accountability/timeline/follow-activities.js';
import type { DescribedActivity } from '../../accountability/timeline/timeline-service.js';
import type { Logger } from '../../logger.js';
import type { Services } from '../services.js';
import { SCHEME, SESSION_PREFIX } from './resource-list.js';

export interface ResourceWatchOptions {
  services: () => Promise<Services>;
  projectId: () => string;
  /** Whether anybody wants to know of changes still. */
  isWanted: () => boolean;
  onUpdated: (uri: string) => void;
  logger: Logger;
}

export interface ResourceWatch {
  /** Somebody wants to know of changes from now on. Resolves when changes are seen. */
  start(): Promise<void>;
  stop(): void;
}

/** Between two looks, in ms. */
const LOOK_MS = 1_000;

/**
 * Tells which resources have changed, by the project's activities: all that they show leaves one. Looks only while somebody
 * wants to know, with one statement on an index.
 */
export function watchResources(options: ResourceWatchOptions): ResourceWatch {
  let following: Promise<ActivityFollower<DescribedActivity>> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;

  async function follow(): Promise<ActivityFollower<DescribedActivity>> {
    const { timeline } = await options.services();
    const projectId = options.projectId();
    const { activities } = await timeline.list({ projectId, limit: 1 });
    const listAfter = (afterId: string, limit: number) => timeline.listAfter({ projectId, limit }, afterId);
    return followActivities(listAfter, activities[0]?.id ?? '0');
  }

  async function look(): Promise<void> {
    try {
      const fresh = (await (await following)?.next()) ?? [];
      for (const uri of new Set(fresh.flatMap(changedBy))) options.onUpdated(uri);
      schedule(fresh.length < MAX_FOLLOWED ? LOOK_MS : 0);
    } catch (error) {
      options.logger.debug({ err: error }, 'changes of resources could not be looked for');
      schedule(LOOK_MS);
    }
  }

  function schedule(ms: number): void {
    timer = undefined;
    if (isStopped) return;
    if (options.isWanted()) timer = setTimeout(() => void look(), ms).unref();
    else following = undefined;
  }

  return {
    async start() {
      if (following) return void (await following);
      const begun = follow();
      following = begun;
      try {
        await begun;
      } catch (error) {
        following = undefined;
        throw error;
      }
      schedule(LOOK_MS);
    },
    stop() {
      isStopped = true;
      clearTimeout(timer);
    },
  };
}

function changedBy({ type, sessionId }: DescribedActivity): string[] {
  const uris = [`${SCHEME}timeline`];
  if (sessionId !== null) uris.push(`${SESSION_PREFIX}${sessionId}`);
  if (type.startsWith('lock_') || type.startsWith('task_') || type === 'agent_disconnected')
    uris.push(`${SCHEME}locks`);
  if (type === 'decision' || type === 'forget' || type === 'restore' || type.startsWith('import')) {
    uris.push(`${SCHEME}decisions`);
  }
  return uris;
}
