import type * as z from 'zod';
import type { FolderOrigin } from '../accountability/ledger/entry-row.js';
import type { RecordOutcome } from '../accountability/ledger/record-usage.js';
import type { UsageRecord } from '../accountability/usage.js';
import type { Member } from '../actor/member.js';
import type { PlacedFile } from '../coordination/locks/place-file.js';
import { AppError } from '../errors.js';
import type { WatchOrder } from '../hooks/policy/guard-types.js';
import { decodeFromClient, type HookVerdict } from '../ipc/control-protocol.js';
import type { Services } from '../mcp/services.js';
import { hookAsk, type settleAnswer, settleRequest, watchOrder } from './member-protocol.js';
import { placeOf } from './sessions/read-origin.js';
import { type UsageOutcome, usageReport } from './usage-protocol.js';

/** Writes records into the ledger. @param folders what the folders that they name belong to */
export type RecordUsage = (
  records: readonly UsageRecord[],
  folders: ReadonlyMap<string, FolderOrigin>,
) => Promise<RecordOutcome>;

/** The project of a place on a member's machine. */
export async function answerSettle(
  member: Member,
  body: unknown,
  { identity }: Pick<Services, 'identity'>,
): Promise<z.infer<typeof settleAnswer>> {
  const { place, history, isRecorded, host } = parse(settleRequest, body);
  return { id: await identity.settleMember({ place, history, isRecorded, host, memberId: member.id }) };
}

/** The verdict on what a hook of a member's machine reports. */
export async function answerHook(
  member: Member,
  body: unknown,
  { guard }: Pick<Services, 'guard'>,
): Promise<HookVerdict & { watch?: WatchOrder }> {
  const { request, host, here, placed, related, written, compared } = parse(hookAsk, body);
  const decoded = decodeFromClient(Buffer.from(request));
  if (decoded?.popstash !== 'hook') throw unreadable('request');
  const { verdict, watch } = await guard.answerMember({
    request: decoded,
    memberId: member.id,
    host,
    here: placeOf(member, here),
    placed: new Map<string, PlacedFile[] | null>(placed),
    related: related && new Map(related),
    written: written && new Map(written),
    compared: compared && {
      ...compared,
      held: new Set(compared.held),
      isUnsure: (path) => compared.unsure.includes(path),
      files: new Map(compared.files),
    },
  });
  // Locks as far as that machine needs them.
  return { ...verdict, ...(watch && { watch: watchOrder.parse(watch) }) };
}

/** Records what clients on a member's machine have used. @param record of this process's ledger */
export async function answerUsage(body: unknown, record: RecordUsage): Promise<UsageOutcome> {
  const { records, folders } = parse(usageReport, body);
  return await record(records, new Map(folders));
}

function parse<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  const read = schema.safeParse(body);
  if (!read.success) throw unreadable(read.error.issues[0]?.path.join('.') ?? 'body');
  return read.data;
}

function unreadable(what: string): AppError {
  return new AppError({
    code: 'invalid_argument',
    message: `The request can't be read: ${what}.`,
    fix: 'Install the same version of PopStash on this machine and on the server.',
  });
}
