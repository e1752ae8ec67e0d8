import { InvalidArgumentError } from 'commander';
import { AppError } from '../errors.js';
import type { TokenFacts } from '../http/access/token-repository.js';
import type { AddCommand, CommandContext } from './context/command-context.js';

const EXAMPLES = `
Examples:
  popstash tokens create anna --expires 90d   a token for Anna, shown once
  popstash tokens list                        whose there are, and when each was last used
  popstash tokens revoke anna                 all of hers; an id revokes one`;

/** What messages show of a person's name, and a header takes. */
const MAX_PERSON = 100;
const SECONDS = { h: 3_600, d: 86_400, w: 604_800, y: 31_536_000 } as const;
const MAX_YEARS = 10;

export const addTokens: AddCommand = (program, context) => {
  const tokens = program
    .command('tokens')
    .description("Access tokens of a team's members (server mode)")
    .addHelpText('after', EXAMPLES);
  tokens
    .command('create')
    .description('Make a token for a person; it is shown once, and only its hash is kept')
    .argument('<person>', 'by which others know them', readPerson)
    .option('--expires <time>', 'after so long: 12h, 90d, 4w, 1y; never by default', readSeconds)
    .option('--json', 'print the answer as JSON')
    .addHelpText('after', '\nExample:\n  popstash tokens create anna --expires 90d')
    .action((person: string, options: { expires?: number; json?: boolean }) => create(context, person, options));
  tokens
    .command('list')
    .description('List tokens: whose each is, when it was made and last used, whether it is valid')
    .option('--json', 'print the answer as JSON')
    .addHelpText('after', '\nExample:\n  popstash tokens list --json')
    .action((options: { json?: boolean }) => list(context, options));
  tokens
    .command('revoke')
    .description('Revoke a token by its id, or all of a person; requests with it are refused from then on')
    .argument('<id-or-person>')
    .option('--json', 'print the answer as JSON')
    .addHelpText('after', '\nExample:\n  popstash tokens revoke anna')
    .action((name: string, options: { json?: boolean }) => revoke(context, name, options));
};

async function create(
  { env, write }: CommandContext,
  person: string,
  { expires, json }: { expires?: number; json?: boolean },
): Promise<void> {
  const { withTokens } = await import('../app/http/open-tokens.js');
  const { makeToken } = await import('../http/access/token-format.js');
  const { token, id, hash } = makeToken();
  const made = await withTokens(env, (tokens) => tokens.add({ id, hash, person, expiresInSeconds: expires ?? null }));
  if (json) return write(JSON.stringify({ token, ...present(made) }));
  const until = made.expiresAt === null ? '' : `, until ${made.expiresAt.toISOString()}`;
  write(
    `${token}\n\nFor ${person}${until}. It is not shown again. On their machine:\n  export POPSTASH_TOKEN=${token}`,
  );
}

async function list({ env, write, width }: CommandContext, { json }: { json?: boolean }): Promise<void> {
  const { withTokens } = await import('../app/http/open-tokens.js');
  const tokens = await withTokens(env, (repository) => repository.list());
  if (json) return write(JSON.stringify({ tokens: tokens.map(present) }));
  if (tokens.length === 0) return write('There are no tokens. popstash tokens create NAME makes one.');
  const { alignColumns } = await import('./output/write-columns.js');
  const { humanAgo } = await import('../text/age.js');
  const now = new Date();
  const rows = tokens.map((token) => [
    token.id,
    token.person,
    token.isValid ? 'valid' : token.revokedAt ? 'revoked' : 'expired',
    token.expiresAt === null ? 'does not expire' : `until ${token.expiresAt.toISOString().slice(0, 10)}`,
    token.lastUsedAt === null ? 'never used' : `used ${humanAgo(token.lastUsedAt, now)}`,
  ]);
  write(alignColumns(rows, width, { whole: 0 }).join('\n'));
}

async function revoke({ env, write }: CommandContext, name: string, { json }: { json?: boolean }): Promise<void> {
  const { withTokens } = await import('../app/http/open-tokens.js');
  const revoked = await withTokens(env, (tokens) => tokens.revoke(name));
  if (revoked.length === 0) {
    throw new AppError({
      code: 'not_found',
      message: `No valid token has this id or person: ${name}.`,
      fix: 'popstash tokens list shows those that there are.',
    });
  }
  if (json) write(JSON.stringify({ revoked: revoked.map(present) }));
  else write(`Revoked ${revoked.map(({ id, person }) => `${id} (${person})`).join(', ')}.`);
}

function present({ id, person, createdAt, expiresAt, lastUsedAt, revokedAt, isValid }: TokenFacts) {
  return {
    id,
    person,
    created_at: createdAt,
    expires_at: expiresAt,
    last_used_at: lastUsedAt,
    revoked_at: revokedAt,
    valid: isValid,
  };
}

function readPerson(text: string): string {
  const person = text.trim();
  if (person === '' || person.length > MAX_PERSON || /\p{C}/u.test(person)) {
    throw new InvalidArgumentError(`It has 1 to ${MAX_PERSON} visible characters.`);
  }
  return person;
}

function readSeconds(text: string): number {
  const [, count = '', unit = ''] = /^(\d{1,5})([hdwy])$/.exec(text.trim()) ?? [];
  const seconds = Number(count) * (SECONDS[unit as keyof typeof SECONDS] ?? 0);
  if (!(seconds > 0) || seconds > MAX_YEARS * SECONDS.y) {
    throw new InvalidArgumentError(`Write 12h, 90d, 4w or 1y, up to ${MAX_YEARS}y.`);
  }
  return seconds;
}
