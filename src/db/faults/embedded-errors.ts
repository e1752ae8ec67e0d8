import { AppError } from '../../errors.js';

const BUSY = 'the embedded database is busy';
const OWN = 'this one';
const OTHER = 'another one';

/** What a client of the embedded database is told when one statement keeps it. @param isOwn the client's own statement */
export function wordBusy(ms: number, isOwn: boolean): string {
  return `${BUSY}: for ${Math.round(ms / 1_000)} s with one statement, ${isOwn ? OWN : OTHER}`;
}

/** Of a statement that was refused, or given up, because one statement keeps the embedded database; else null. */
export function describeBusy(message: string): AppError | null {
  if (!message.startsWith(BUSY)) return null;
  const written = message.endsWith(OWN) ? 'A write may or may not have been carried out.' : 'Nothing was written.';
  return new AppError({
    code: 'timeout',
    message: `${message.slice(0, message.lastIndexOf(','))}. ${written}`.replace(/^t/, 'T'),
    fix: 'Call again in some seconds: a server that stays so is replaced. If it goes on, ask the user to run: popstash doctor',
    retryable: true,
  });
}

/** SQLSTATEs of damaged data and indexes. */
const DAMAGED_STATES = new Set(['XX001', 'XX002']);
/** Of others (58: the system's; XX000: no case that should happen), those that say that files lack what they should have. */
const DAMAGED_MESSAGES =
  /could not (open|read|access|stat) (file|blocks?|directory|status)\b(?!.*\$libdir)|invalid page in block|missing chunk number|unexpected chunk number|xlog flush request .* is not satisfied|could not open relation with OID|cache lookup failed/;

/** Whether an error of the database says that its files are damaged. */
export function isDamage(state: string, message: string): boolean {
  return DAMAGED_STATES.has(state) || (/^(58|XX)/.test(state) && DAMAGED_MESSAGES.test(message));
}

/** What is told of a damaged database, whichever mode. @param what as the database, or a check of its files, says it */
export function describeDamage(what: string, cause?: unknown): AppError {
  return new AppError({
    code: 'database_unavailable',
    message: `The stored data is damaged: ${what}. Nothing was changed.`,
    fix: 'Calling again does not help. Ask the user to run popstash doctor --fix: it moves the damaged store aside and goes on from the newest backup. In server mode: restore the database from a backup.',
    retryable: false,
    cause,
  });
}

/** An error of the database that says that its files are damaged, as what is told of that; any other as it is. */
export function translateDamage(error: unknown): unknown {
  if (error instanceof AppError) return error;
  const { code = '', message = '' } = error as { code?: string; message?: string };
  return isDamage(code, message) ? describeDamage(message, error) : error;
}
