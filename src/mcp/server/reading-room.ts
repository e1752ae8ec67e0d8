import type { GetPromptRequest, GetPromptResult, ReadResourceResult } from '@modelcontextprotocol/server';
import { translateDatabaseError } from '../../db/faults/translate-error.js';
import { AppError } from '../../errors.js';
import type { Logger } from '../../logger.js';
import type { CompletionRequest } from '../prompts/complete-argument.js';
import { PROMPTS } from '../prompts/prompt-list.js';
import type { Reader } from '../resources/reader-context.js';
import { RESOURCES, TEMPLATES } from '../resources/resource-list.js';
import { type ResourceWatch, watchResources } from '../resources/watch-resources.js';
import { awaitServices, type ServiceAccess } from './await-services.js';
import type { WorkplaceFinder } from './find-workplace.js';

export interface ReadingRoomOptions {
  access: ServiceAccess;
  workplace: WorkplaceFinder;
  mode: 'embedded' | 'server';
  version: string;
  /** Whether the client has a stream of changes open (`subscriptions/listen`). */
  hasStreams: () => boolean;
  /** Texts of ours with the commands in them as they work for those who read them. */
  word(text: string): string;
  /** A resource has changed; called only while somebody wants to know. */
  onUpdated: (uri: string) => void;
  logger: Logger;
}

/** What a connection can read without calling tools: resources, prompts, completions, and changes of resources. */
export interface ReadingRoom {
  listResources(): { resources: typeof RESOURCES };
  listTemplates(): { resourceTemplates: typeof TEMPLATES };
  /** @throws an error of JSON-RPC */
  read(uri: string, request: { signal: AbortSignal }): Promise<ReadResourceResult>;
  subscribe(uri: string): Promise<Record<string, never>>;
  unsubscribe(uri: string): Record<string, never>;
  /** The client has opened a stream of changes. */
  watch(): void;
  listPrompts(): { prompts: typeof PROMPTS };
  /** @throws an error of JSON-RPC */
  getPrompt(params: GetPromptRequest['params'], request: { signal: AbortSignal }): Promise<GetPromptResult>;
  complete(
    params: CompletionRequest,
    request: { signal: AbortSignal },
  ): Promise<{ completion: { values: string[]; total: number; hasMore: boolean } }>;
  close(): void;
}

/** JSON-RPC's numbers: parameters that name nothing; what the server could not do. */
const INVALID_PARAMS = -32_602;
const INTERNAL_ERROR = -32_603;

export function createReadingRoom(options: ReadingRoomOptions): ReadingRoom {
  const { access, workplace, mode, version } = options;
  const answer = <T>(work: () => Promise<T>, data?: Record<string, unknown>) => answerRequest(work, options.word, data);
  const subscribed = new Set<string>();
  const watching: ResourceWatch = watchResources({
    services: () => awaitServices(access),
    projectId: () => workplace.current().id,
    isWanted: () => subscribed.size > 0 || options.hasStreams(),
    onUpdated: (uri) => {
      if (subscribed.has(uri) || options.hasStreams()) options.onUpdated(uri);
    },
    logger: options.logger,
  });

  async function openReader({ signal }: { signal: AbortSignal }): Promise<Reader> {
    const services = await awaitServices(access);
    return { services, workplace: await workplace.settle(), mode, version, signal };
  }

  return {
    listResources: () => ({ resources: RESOURCES }),
    listTemplates: () => ({ resourceTemplates: TEMPLATES }),
    read: (uri, request) =>
      answer(
        async () => {
          const { readResource } = await import('../resources/read-resource.js');
          const content = await readResource(uri, await openReader(request));
          if (content === null) throw notFound('resource', { uri });
          return { contents: [{ uri, mimeType: 'application/json', text: JSON.stringify(content) }] };
        },
        { uri },
      ),
    subscribe: (uri) =>
      answer(
        async () => {
          subscribed.add(uri);
          await watching.start();
          return {};
        },
        { uri },
      ),
    unsubscribe(uri) {
      subscribed.delete(uri);
      return {};
    },
    watch() {
      watching.start().catch((error: unknown) => options.logger.debug({ err: error }, 'changes are not watched yet'));
    },
    listPrompts: () => ({ prompts: PROMPTS }),
    getPrompt: ({ name, arguments: args = {} }, request) =>
      answer(async () => {
        const { answerPrompt } = await import('../prompts/answer-prompt.js');
        const prompt = await answerPrompt(name, args, await openReader(request));
        if (!prompt) throw notFound('prompt', { name });
        return { ...prompt };
      }),
    complete: (params, request) =>
      answer(async () => {
        const { completeArgument } = await import('../prompts/complete-argument.js');
        return { completion: await completeArgument(params, await openReader(request)) };
      }),
    close: watching.stop,
  };
}

/** @throws what fails as an error of JSON-RPC, with what to do in its data */
async function answerRequest<T>(
  work: () => Promise<T>,
  word: (text: string) => string,
  data: Record<string, unknown> = {},
): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    const error = translateDatabaseError(thrown);
    if (!(error instanceof AppError)) throw error;
    const { code, message, retryable } = error;
    const fix = word(error.fix);
    const isAsked = code === 'not_found' || code === 'invalid_argument';
    throw rpcError(isAsked ? INVALID_PARAMS : INTERNAL_ERROR, `${message} ${fix}`, { ...data, code, fix, retryable });
  }
}

function notFound(what: string, named: Record<string, string>): Error {
  const names = what === 'prompt' ? PROMPTS.map(({ name }) => name) : [...RESOURCES, ...TEMPLATES].map(nameOf);
  const [asked = ''] = Object.values(named);
  const message = `There is no ${what} ${JSON.stringify(asked.slice(0, 200))}. There are: ${names.join(', ')}.`;
  return rpcError(INVALID_PARAMS, message, named);
}

function nameOf(one: { uri?: string; uriTemplate?: string }): string {
  return one.uri ?? one.uriTemplate ?? '';
}

function rpcError(code: number, message: string, data: Record<string, unknown>): Error {
  return Object.assign(new Error(message), { code, data });
}
