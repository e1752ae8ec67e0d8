import {
  fileStateSchema,
  readUsageFile,
  type UsageStep,
} from '../../../../src/accountability/transcripts/read-usage-file.js';
import type {
  ClientSource,
  SourceEnvironment,
  UsageFile,
} from '../../../../src/accountability/transcripts/source-types.js';
import type { UsageRecord } from '../../../../src/accountability/usage.js';

export interface Reading {
  records: UsageRecord[];
  badRows: number;
  longLines: number;
  notRead: string[];
}

/** The states of files as a database keeps them: as JSON. */
export type States = Map<string, string>;

/** An environment whose home is a folder of the test. */
export function environmentOf(home: string, variables: Record<string, string> = {}): SourceEnvironment {
  return { home, platform: 'linux', variables };
}

/** Reads all that is new of a client's files, in steps of any size, from the states that are carried along. */
export async function readAll(
  source: ClientSource,
  environment: SourceEnvironment,
  states: States = new Map(),
  limits: { stepBytes?: number; maxLineBytes?: number; maxRows?: number } = {},
): Promise<Reading> {
  const reading: Reading = { records: [], badRows: 0, longLines: 0, notRead: [] };
  for (const file of await source.listFiles(environment)) {
    for (let isAtEnd = false; !isAtEnd; ) {
      const step = await readOnce(source, file, states, limits);
      isAtEnd = step.isAtEnd;
      reading.records.push(...step.records);
      reading.badRows += step.badRows;
      reading.longLines += step.longLines;
      if (step.notRead !== null) reading.notRead.push(step.notRead);
    }
  }
  return reading;
}

async function readOnce(source: ClientSource, file: UsageFile, states: States, limits: object): Promise<UsageStep> {
  const saved = states.get(file.path);
  const step = await readUsageFile(source, file, saved === undefined ? null : JSON.parse(saved), limits);
  if (step.state) states.set(file.path, JSON.stringify(fileStateSchema.parse(step.state)));
  return step;
}
