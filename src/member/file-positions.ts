import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { replaceFile } from '../files/write-new-file.js';

/** How far a client's file was read. */
const position = z.object({
  client: z.string(),
  path: z.string(),
  state: z.json(),
  /** Folders of requests in it that were not told, since the team does not know them. */
  skipped: z.array(z.string()).optional(),
});
export type Position = z.infer<typeof position>;

const stored = z.object({ version: z.literal(1), files: z.array(position) });

export interface FilePositions {
  list(client: string): Position[];
  find(client: string, path: string): Position | null;
  /** Writes them: what is lost is read again, and recorded once. */
  save(positions: readonly Position[]): void;
}

/**
 * How far the files of this machine's clients were read for a team. They stay on this machine: names of files of other projects
 * are no matter of the team's.
 */
export function openFilePositions(file: string): FilePositions {
  let known = read(file);

  return {
    list: (client) => [...known.values()].filter((each) => each.client === client),
    find: (client, path) => known.get(nameOf({ client, path })) ?? null,
    save(positions) {
      // Another process may have read other files meanwhile.
      known = new Map([...read(file), ...positions.map((each) => [nameOf(each), each] as const)]);
      replaceFile(file, JSON.stringify({ version: 1, files: [...known.values()] }));
    },
  };
}

function read(file: string): Map<string, Position> {
  try {
    const { files } = stored.parse(JSON.parse(readFileSync(file, 'utf8')));
    return new Map(files.map((each) => [nameOf(each), each]));
  } catch {
    return new Map();
  }
}

function nameOf({ client, path }: Pick<Position, 'client' | 'path'>): string {
  return `${client} ${path}`;
}
