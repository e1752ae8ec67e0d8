import { isFiller, type SecretFinding } from './secret-rules.js';

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

export const LINT_ANCHORS: readonly string[] = Object.values(LINT_RULES).map((rule) => rule.anchor);

const RULE_PREFIX = '@secretlint/secretlint-rule-';

/**
 * What secretlint finds in a text. It is imported on first use: about 45 ms, which a text without anchors never pays.
 */
export async function lintSecrets(text: string): Promise<SecretFinding[]> {
  const { lintSource } = await import('@secretlint/core');
  const { rules } = await import('@secretlint/secretlint-rule-preset-recommend');
  const used = rules.filter((rule) => rule.meta.id.slice(RULE_PREFIX.length) in LINT_RULES);
  const result = await lintSource({
    source: { filePath: 'memory.txt', ext: '.txt', contentType: 'text', content: text },
    options: { noPhysicFilePath: true, config: { rules: used.map((rule) => ({ id: rule.meta.id, rule })) } },
  });
  return result.messages
    .map((message) => ({
      kind: LINT_RULES[message.ruleId.slice(RULE_PREFIX.length)]?.kind ?? 'secret',
      start: message.range[0],
      end: message.range[1],
    }))
    .filter(({ start, end }) => !isFiller(text.slice(start, end)));
}
