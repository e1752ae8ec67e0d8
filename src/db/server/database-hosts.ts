import { splitDatabaseUrl } from '../../database-url.js';

/** The hosts of a DATABASE_URL, one of which is believed to be the primary. */
export interface DatabaseHosts {
  count: number;
  /** URL of the host that the next connection is made to. */
  current(): string;
  /** That host did not serve: the next one is tried from now on. Does nothing when another caller has moved on already. */
  moveOn(from: string): void;
}

export function createDatabaseHosts(databaseUrl: string): DatabaseHosts {
  const urls = splitDatabaseUrl(databaseUrl);
  let index = 0;
  const current = () => urls[index] ?? databaseUrl;
  return {
    count: urls.length,
    current,
    moveOn(from) {
      if (current() === from) index = (index + 1) % urls.length;
    },
  };
}
