import { yieldToEventLoop } from '../../async/yield-to-event-loop.js';
import { isFiller } from './classify-value.js';
import type { SecretFinding } from './secret-types.js';

/**
 * The rules of secretlint that are used, with the kind that each reports and what any match of it contains.
 * Not used: `aws` (reports the wrong range, so that a secret's tail would stay), `gcp` (reads files; its keys are PEM),
 * `basicauth` and `database-connection-string` (narrower than our own URL rule), `sendgrid` (quadratic on crafted text),
 * `filter-comments` (a stored text must not be able to switch the rules off).
 */
const LINT_RULES: Readonly<Record<string, { kind: string; anchor: string }>> = {
  privatekey: { kind: 'private-key', anchor: '-----BEGIN ?[A-Z]{0,7} ?PRIVATE KEY' },
  npm: { kind: 'npm-token', anchor: 'npm_[A-Za-z0-9_]{36}|:x-oauth-basic@github.com/' },
  slack: { kind: 'slack-token', anchor: 'xox[bpaor]-|xapp-|[hH][tT][tT][pP][sS]://[hH][oO][oO][kK][sS]\\.' },
  shopify: { kind: 'shopify-key', anchor: 'shp(?:pa|ca|at|ss)_' },
  github: { kind: 'github-token', anchor: 'gh[pousr]_[A-Za-z0-9_]{36}|github_pat_' },
  openai: { kind: 'openai-key', anchor: 'T3BlbkFJ' },
  anthropic: { kind: 'anthropic-key', anchor: 'sk-ant-api0' },
  linear: { kind: 'linear-key', anchor: 'lin_api_' },
  '1password': { kind: '1password-token', anchor: 'ops_ey' },
};

/** Matches wherever one of these rules can. */
export const LINT_ANCHORS = new RegExp(
  Object.values(LINT_RULES)
    .map(({ anchor }) => anchor)
    .join('|'),
);

const RULE_PREFIX = '@secretlint/secretlint-rule-';

type Rule = typeof import('@secretlint/secretlint-rule-preset-recommend')['rules'][number];
type Source = Parameters<NonNullable<ReturnType<Rule['create']>['file']>>[0];

/**
 * Finds secrets with rules of secretlint, which are imported on first use. They are run without secretlint's core: it
 * profiles itself, keeps the marks of every run, and reads all of them at each run.
 */
export async function lintSecrets(text: string): Promise<SecretFinding[]> {
  const { rules } = await import('@secretlint/secretlint-rule-preset-recommend');
  const findings: SecretFinding[] = [];
  // All that these rules read; some skip files by `filePath` and `ext`.
  const source = { content: text, filePath: 'memory.txt', ext: '.txt', contentType: 'text' } as Source;
  for (const rule of rules as readonly Rule[]) {
    const kind = LINT_RULES[rule.meta.id.slice(RULE_PREFIX.length)]?.kind;
    if (kind === undefined) continue;
    await yieldToEventLoop();
    await runRule(rule, source, (start, end) => findings.push({ kind, start, end }));
  }
  return findings.filter(({ start, end }) => !isFiller(text.slice(start, end)));
}

async function runRule(rule: Rule, source: Source, report: (start: number, end: number) => void): Promise<void> {
  const { file } = rule.create(
    {
      sharedOptions: {},
      createTranslator: () => (messageId: unknown, data: unknown) => ({
        message: '',
        messageId: String(messageId),
        data,
      }),
      ignore: () => undefined,
      report: ({ range: [start, end] }: { range: readonly [number, number] }) => report(start, end),
    } as Parameters<Rule['create']>[0],
    {},
  );
  await file?.(source);
}
