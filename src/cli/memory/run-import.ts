import { homeFolder } from '../../config.js';
import type { FoundSource } from '../../memory/sources/find-sources.js';
import { readSource } from '../../memory/sources/read-source.js';
import type { SourceReading } from '../../memory/sources/source-types.js';
import { connectToServer, type ServerSession } from '../context/ask-server.js';
import { callingPerson } from '../context/calling-person.js';
import type { CommandContext } from '../context/command-context.js';
import { runUntilInterrupted } from '../context/run-until-interrupted.js';
import { createProgressLine } from '../output/progress-line.js';
import { type ImportSummary, importRecords } from './import-records.js';

export interface ImportAnswer {
  /** Null when nothing was written. */
  import_id: string | null;
  sources: ImportSummary[];
}

type ReadSource = FoundSource & SourceReading;

/** The first problems of a source that are named. */
const MAX_PROBLEMS = 20;

/** Reads sources and imports what they hold, as one import that can be taken back. */
export async function importSources(
  context: CommandContext,
  sources: readonly FoundSource[],
  { isDryRun, source }: { isDryRun: boolean; source: string },
): Promise<ImportAnswer> {
  const readings: ReadSource[] = [];
  for (const found of sources) {
    readings.push({ ...found, ...(await readSource(found.source, found.path, found.label)) });
  }
  const total = readings.reduce((sum, { records }) => sum + records.length, 0);
  const server = await connectToServer(context);
  const progress = createProgressLine(process.stderr);
  const origin = sources.length === 1 ? shorten(sources[0]?.path ?? '') : `${sources.length} places`;
  const work = async (signal: AbortSignal): Promise<ImportAnswer> => {
    const importId =
      isDryRun || total === 0 ? null : (await server.ask('beginImport', { source, origin, ...callingPerson() })).id;
    try {
      const summaries = await importAll(server, readings, { importId, signal, total, progress: progress.update });
      return { import_id: await finish(server, importId), sources: summaries };
    } catch (error) {
      await finish(server, importId).catch(() => null);
      throw error;
    }
  };
  const left = 'What was imported is kept: run it again to go on, or take it back by popstash import --undo.';
  try {
    return await runUntilInterrupted(work, left);
  } finally {
    progress.end();
    await server.close();
  }
}

interface AllOptions {
  importId: string | null;
  signal: AbortSignal;
  total: number;
  progress(text: string): void;
}

async function importAll(
  server: ServerSession,
  readings: readonly ReadSource[],
  { importId, signal, total, progress }: AllOptions,
): Promise<ImportSummary[]> {
  const summaries: ImportSummary[] = [];
  const seen = new Set<string>();
  let done = 0;
  for (const { source, path, records, problems } of readings) {
    const summary = await importRecords(server, { source, origin: path }, records, {
      importId,
      signal,
      seen,
      onDone(memories) {
        done += memories;
        progress(`${done} of ${total} memories`);
      },
    });
    summary.problems.unshift(...problems.slice(0, MAX_PROBLEMS));
    summaries.push(summary);
  }
  return summaries;
}

/** @returns the import's id, unless it wrote nothing */
async function finish(server: ServerSession, importId: string | null): Promise<string | null> {
  if (importId === null) return null;
  const { written } = await server.ask('finishImport', { importId, ...callingPerson() });
  return written > 0 ? importId : null;
}

function shorten(path: string): string {
  const home = homeFolder();
  return path.startsWith(`${home}/`) ? `~${path.slice(home.length)}` : path;
}
