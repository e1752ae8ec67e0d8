import * as z from 'zod';
import { moment } from '../clients/row-fields.js';
import { NO_TOKENS, type TokenCounts, type UsageRecord } from '../usage.js';
import type { ReceivedLog } from './received-log.js';

/** A count of tokens: clients write numbers, or texts of digits. */
export const tokenCount = z.union([
  z.int().min(0),
  z
    .string()
    .regex(/^\d{1,15}$/)
    .transform(Number),
]);

/** A count of tokens of which there may be none. */
export const detailCount = tokenCount.nullish().transform((value) => value ?? 0);

/** Dollars as a number or its text, as an exact decimal. */
export const statedDollars = z
  .union([z.number().min(0).transform(String), z.string().regex(/^\d{1,20}(\.\d{1,30})?(e-\d{1,2})?$/)])
  .nullish()
  .catch(null)
  .transform((value) => value ?? null);

/** When the event happened by the client's own attribute, else by the record's time, else now. */
export function eventTime(stated: string | null, { timeMs }: ReceivedLog): string {
  const own = moment.safeParse(stated);
  return own.success ? own.data : new Date(timeMs ?? Date.now()).toISOString();
}

type Told = Pick<UsageRecord, 'client' | 'sessionId' | 'at' | 'model'>;
type MayTell = Pick<
  UsageRecord,
  'requestId' | 'isSidechain' | 'agentId' | 'clientVersion' | 'provider' | 'speed' | 'clientCost' | 'isCacheSplitKnown'
>;

/** What a client's telemetry says about one request: it knows no folder, no message and no tool calls. */
export function measuredRecord(told: Told & Partial<MayTell> & { tokens: Partial<TokenCounts> }): UsageRecord {
  return {
    requestId: null,
    messageId: null,
    isSidechain: false,
    agentId: null,
    parentSessionId: null,
    sessionBornAt: null,
    toolUseIds: [],
    clientVersion: null,
    cwd: null,
    gitBranch: null,
    provider: null,
    iterations: null,
    webSearches: 0,
    serviceTier: null,
    speed: null,
    inferenceGeo: null,
    clientCost: null,
    witness: 'telemetry',
    grade: 'measured',
    isFinished: true,
    revision: 0,
    isCacheSplitKnown: false,
    ...told,
    tokens: { ...NO_TOKENS, ...told.tokens },
  };
}
