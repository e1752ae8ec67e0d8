/**
 * What a glob means, by another way than the product's: braces are expanded to a list, each entry becomes a regular
 * expression. It matches paths with a '/' at their end, so that `a/**` is `a/` and any number of `folder/`. For small
 * globs without escapes.
 */
export function globToRegExp(glob: string): RegExp {
  return new RegExp(`^(?:${expandBraces(splitTokens(glob)).map(tokensToSource).join('|')})$`, 'u');
}

/** Tokens are found before braces are expanded: what expansion brings together (`{*,a}*`) is not read again. */
function splitTokens(glob: string): string[] {
  return glob.match(/\[[!^]?[^\]/]+\]|\*+|./gsu) ?? [];
}

function expandBraces(tokens: readonly string[]): string[][] {
  const open = tokens.indexOf('{');
  if (open === -1) return [[...tokens]];
  const branches: string[][] = [[]];
  let depth = 1;
  let index = open + 1;
  for (; depth > 0; index += 1) {
    const token = tokens[index];
    if (token === undefined) throw new Error('An unclosed brace.');
    if (token === '{') depth += 1;
    if (token === '}') depth -= 1;
    if (depth === 1 && token === ',') branches.push([]);
    else if (depth > 0) branches.at(-1)?.push(token);
  }
  const before = tokens.slice(0, open);
  const after = tokens.slice(index);
  return branches.flatMap((branch) => expandBraces([...before, ...branch, ...after]));
}

function tokensToSource(tokens: readonly string[]): string {
  const segments: string[][] = [[]];
  for (const token of tokens) {
    if (token === '/') segments.push([]);
    else segments.at(-1)?.push(token);
  }
  return segments
    .map((segment) => (isGlobstar(segment) ? '(?:[^/]+/)*' : `${segment.map(tokenToSource).join('')}/`))
    .join('');
}

function isGlobstar(segment: readonly string[]): boolean {
  return segment.length === 1 && segment[0] === '**';
}

function tokenToSource(token: string): string {
  if (token === '?') return '[^/]';
  if (token.startsWith('*')) return '[^/]*';
  if (/^\[.+\]$/su.test(token)) {
    const body = token.slice(1, -1).replace(/^!/, '^');
    return `(?:(?!/)[${body}]|${escapeText(token)})`;
  }
  return escapeText(token);
}

function escapeText(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, (char) => (char === '-' ? '\\x2d' : `\\${char}`));
}
