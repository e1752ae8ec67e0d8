import type { Reader } from '../resources/reader-context.js';
import { TEMPLATES } from '../resources/resource-list.js';

/** What a client asks completions for. */
export interface CompletionRequest {
  ref: { type: string; name?: string; uri?: string };
  argument: { name: string; value: string };
}

/** Values of one answer, by the protocol. */
const MAX_VALUES = 100;

/** Values that an argument of a prompt, or the variable of a resource template, may have; newest first. */
export async function completeArgument(
  { ref, argument }: CompletionRequest,
  { services, workplace }: Reader,
): Promise<{ values: string[]; total: number; hasMore: boolean }> {
  const values = await listValues();
  return { values: values.slice(0, MAX_VALUES), total: values.length, hasMore: values.length > MAX_VALUES };

  async function listValues(): Promise<string[]> {
    const { value } = argument;
    if (ref.type === 'ref/prompt' && argument.name === 'name' && (ref.name === 'resume' || ref.name === 'handoff')) {
      return await services.stashes.listNames(workplace.id, value, MAX_VALUES + 1);
    }
    if (ref.type === 'ref/resource' && argument.name === 'id' && ref.uri === TEMPLATES[0]?.uriTemplate) {
      return await services.sessions.listIds(workplace.id, value, MAX_VALUES + 1);
    }
    return [];
  }
}
