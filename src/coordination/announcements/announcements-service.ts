import { logActivitySpan } from '../../accountability/activity/log-span.js';
import type { Actor } from '../../actor/actor.js';
import type { WriteOptions } from '../../actor/write-options.js';
import { LIMITS } from '../../config.js';
import { AppError } from '../../errors.js';
import type { Telemetry } from '../../telemetry/telemetry-types.js';
import { createInputCleaner, type Redactions } from '../../text/clean-input.js';
import { newId } from '../../text/ids.js';
import type { Redactor } from '../../text/redact.js';
import type { Announced, AnnouncementRepository } from './announcement-repository.js';

export interface AnnouncementInput {
  message: string;
  files?: readonly string[] | undefined;
}

export type AnnouncementsService = ReturnType<typeof createAnnouncementsService>;

/** It comes with other agents' answers, ten at a time: a client may refuse an answer that is too long, and hang up. */
const MAX_MESSAGE_BYTES = 16 * 1024;

/** Announcements of one agent in a minute: each one is read by every other agent. */
const MAX_A_MINUTE = 10;

export interface AnnouncementsServiceDeps {
  repository: AnnouncementRepository;
  redactor: Redactor;
  telemetry: Telemetry;
}

export function createAnnouncementsService({ repository, redactor, telemetry }: AnnouncementsServiceDeps) {
  return {
    /**
     * Tells every other active agent of the project, each with its next answer.
     * @throws AppError `invalid_argument` or `too_large` naming the argument; `conflict` after too many in a minute
     */
    async announce(
      actor: Actor,
      input: AnnouncementInput,
      options: WriteOptions = {},
    ): Promise<Announced & { redacted: Redactions }> {
      const clean = createInputCleaner(redactor);
      const message = await clean.text('message', input.message, MAX_MESSAGE_BYTES);
      const files = await clean.paths('files', input.files ?? []);
      const already = options.resent ? await repository.findRecentEqual(actor, message) : null;
      const limits = { deadAfterSeconds: LIMITS.deadAfterSeconds, perMinute: MAX_A_MINUTE };
      const announced = already ?? (await repository.save(actor, { id: newId('ann_'), message, files }, limits));
      if (!announced) throw tooMany();
      logActivitySpan(telemetry, actor, 'announcement');
      return { ...announced, redacted: clean.redacted() };
    },
  };
}

function tooMany(): AppError {
  return new AppError({
    code: 'conflict',
    message: `This agent has made ${MAX_A_MINUTE} announcements within a minute; this one was not sent.`,
    fix: 'Say what others need to know in one message, a minute later.',
    retryable: true,
  });
}
