/** `postgres://USER@HOST1:5432,HOST2:5432/NAME`: scheme, user with password, hosts, the rest. */
const PARTS = /^(postgres(?:ql)?:\/\/)([^/?#]*@)?([^/?#@]*)(.*)$/s;
/** What a connection may ask of its server that a PopStash can work with: one that takes writes. */
const WRITABLE_TARGETS = ['any', 'read-write', 'primary'];

/**
 * A DATABASE_URL as one URL for each of its hosts, in their order: `pg` itself knows URLs with one host only.
 * @returns at least one URL; the text as it is where it has no list of hosts
 */
export function splitDatabaseUrl(text: string): [string, ...string[]] {
  const [, scheme = '', user = '', hosts = '', rest = ''] = PARTS.exec(text) ?? [];
  if (!hosts.includes(',')) return [text];
  const [first = text, ...others] = hosts
    .split(',')
    .filter((host) => host !== '')
    .map((host) => `${scheme}${user}${host}${rest}`);
  return [first, ...others];
}

/** What keeps a text from being a DATABASE_URL, in words that follow "DATABASE_URL"; null when nothing does. */
export function findUrlFault(text: string): string | null {
  if (!PARTS.test(text)) return 'must begin with postgres:// or postgresql://';
  const urls = splitDatabaseUrl(text);
  // Without a host it may name a socket: ?host=/run/postgresql
  const parsed = urls.map((url) => url.replace('@/', '@socket/'));
  if (!parsed.every((url) => URL.canParse(url))) {
    return 'is no URL; in a user name or password write @ : / # ? % as %40 %3A %2F %23 %3F %25';
  }
  const target = new URL(parsed[0] ?? '').searchParams.get('target_session_attrs');
  if (target === null || WRITABLE_TARGETS.includes(target)) return null;
  return `asks for target_session_attrs=${target}; PopStash writes, so it needs read-write, primary or none`;
}

/** Where a database is: the host and port that are named first, and the name. Hosts that are added later change nothing. */
export function nameDatabasePlace(text: string): string | null {
  const [first] = splitDatabaseUrl(text);
  if (!URL.canParse(first)) return null;
  const { host, pathname } = new URL(first);
  return `${host}${pathname}`;
}

/** The database that a URL names; without a path it is the user's own. */
export function nameDatabase(text: string): string {
  const [first] = splitDatabaseUrl(text);
  const { pathname = '', username = '' } = URL.canParse(first) ? new URL(first) : {};
  return decodeURIComponent(pathname.slice(1) || username) || 'postgres';
}
