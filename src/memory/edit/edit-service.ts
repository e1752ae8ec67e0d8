import { logActivitySpan } from '../../accountability/activity/log-span.js';
import type { Actor } from '../../actor/actor.js';
import type { WriteOptions } from '../../actor/write-options.js';
import { isUniqueViolation } from '../../db/database-errors.js';
import { AppError } from '../../errors.js';
import { createInputCleaner, type Redactions } from '../../text/clean-input.js';
import { newId } from '../../text/ids.js';
import type { DecisionsService } from '../decisions/decisions-service.js';
import type { PlacedWriteDeps } from '../memory-deps.js';
import { ID_PREFIXES, kindOfId } from '../memory-ids.js';
import type { EditRepository } from './edit-repository.js';

/** A memory as a person has changed it. */
export interface EditInput {
  /** The version that was read. */
  id: string;
  name: string | null;
  text: string;
  reasoning: string | null;
  tags: readonly string[];
  files: readonly string[];
}

export interface EditResult {
  id: string;
  replacedId: string;
  redacted: Redactions;
}

export type EditService = ReturnType<typeof createEditService>;

export function createEditService(deps: PlacedWriteDeps & { repository: EditRepository; decisions: DecisionsService }) {
  const { repository, decisions, redactor, telemetry, enqueueEmbedding, notes } = deps;

  return {
    /**
     * Saves what a person made of a memory, as a new version in place of the one that was read.
     * @throws AppError `conflict` when that one has been replaced or forgotten meanwhile, or the new name is in use;
     * `invalid_argument` or `too_large` naming the part. Nothing is written then.
     */
    async edit(actor: Actor, input: EditInput, options: WriteOptions = {}): Promise<EditResult> {
      const kind = kindOfId(input.id);
      if (kind === 'decision') {
        const { name, text, reasoning, id } = input;
        const decision = { topic: name ?? '', decision: text, reasoning: reasoning ?? undefined, supersedes: id };
        const saved = await decisions.save(actor, decision, options);
        return { id: saved.id, replacedId: id, redacted: saved.redacted };
      }
      const clean = createInputCleaner(redactor);
      const isStash = kind === 'stash';
      const named = isStash || input.name !== null;
      const edit = {
        baseId: input.id,
        name: named ? await clean.label(isStash ? 'name' : 'key', input.name ?? '') : null,
        text: await clean.text(isStash ? 'summary' : 'content', input.text),
        labels: isStash ? await clean.paths('files', input.files) : await clean.labels('tags', input.tags),
      };
      const noteOrigin = notes.begin(options.worktree, { text: edit.text, files: isStash ? edit.labels : [] });
      return telemetry.withSpan(
        `pop_stash.${kind}.update`,
        { [`${kind}.id`]: input.id, 'agent.id': actor.agentId },
        async () => {
          const saved = await repository
            .save(actor, kind, { ...edit, id: newId(ID_PREFIXES[kind]) })
            .catch((error: unknown) => {
              if (!isUniqueViolation(error)) throw error;
              throw nameInUse(edit.name, error);
            });
          if (!saved) throw changedMeanwhile(input.id);
          logActivitySpan(telemetry, actor, kind);
          enqueueEmbedding(saved.passageIds);
          noteOrigin(saved.id);
          return { id: saved.id, replacedId: input.id, redacted: clean.redacted() };
        },
      );
    },
  };
}

function nameInUse(name: string | null, cause: unknown): AppError {
  return new AppError({
    code: 'conflict',
    message: `Another memory is called ${JSON.stringify(name)}.`,
    fix: 'Give it another name, or edit that one.',
    cause,
  });
}

function changedMeanwhile(id: string): AppError {
  return new AppError({
    code: 'conflict',
    message: `${id} has been replaced or forgotten since it was read; nothing was written.`,
    fix: `popstash show ${id} --history names the version that is live now: edit that one.`,
  });
}
