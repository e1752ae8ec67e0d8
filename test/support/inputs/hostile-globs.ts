import fc from 'fast-check';

const repeated = (unit: string, most: number) => fc.integer({ min: 1, max: most }).map((count) => unit.repeat(count));

/** `{a,{b,{c,…}}}` and the like: alternatives within each other. */
const nestedBraces = fc
  .tuple(
    fc.constantFrom(['{a,', '}'], ['{a,b', ',c}'], ['{*,', '}'], ['{a/**/,', '}'], ['{', '}']),
    fc.integer({ min: 1, max: 250 }),
  )
  .map(([[open = '', close = ''], depth]) => `${open.repeat(depth)}x${close.repeat(depth)}`);

const BOMBS = [
  ...[
    '{1..1000}',
    '{1..200}',
    '{1..100}{1..100}{1..100}',
    '{01..99}/*',
    '{a..z}{A..Z}',
    '{1..1000000000}',
    '{9..1..0}',
  ],
  ...[
    '[a-z]',
    '[!a-z]*',
    '[^/]',
    '[',
    '[]]',
    '[a',
    '[z-a]',
    '[[:alpha:]]',
    '[\\]]',
    '[a-\u{10ffff}]',
    '{a,b',
    'a,b}',
    '{}',
  ],
  ...[
    '@(a|b)',
    '!(x)',
    '?(a)',
    '+(a)',
    '!a',
    '\\',
    'a\\',
    '\\*',
    '**',
    '*',
    '?',
    '***',
    '**a**',
    '**/**',
    '/',
    '//',
    '.',
    '..',
  ],
  ...[
    '../x',
    'a/../../x',
    '/etc/*',
    'C:/x',
    '~/**',
    '%2e%2e/*',
    'a/./b/',
    './/x',
    'docs/',
    '.git/**',
    'NUL',
    'aux.txt',
  ],
];

/** Units that cost a matcher the more the oftener they come. */
const repeats = fc.oneof(
  ...[
    ['**/*', 300],
    ['*a', 400],
    ['**/', 300],
    ['?', 1_100],
    ['[a-z]', 200],
    ['[!a]*', 180],
    ['{a,b}', 200],
    ['{1..9}', 150],
    ['{*,**}/', 120],
    ['../', 340],
    ['a/', 500],
    ['[', 200],
    ['{', 500],
    ['\\*', 500],
    ['*{a,*}', 150],
    ['é', 500],
    ['🙂', 500],
    ['(', 100],
  ].map(([unit, most]) => repeated(String(unit), Number(most))),
);

const piece = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('src', 'a', 'b', 'docs', 'x.ts', '.md', 'test', 'İ', 'e\u0301') },
  { weight: 4, arbitrary: fc.constantFrom('/', '*', '**', '?', '/**/', '/*', '{a,b}', '[ab]', '.') },
  { weight: 2, arbitrary: fc.constantFrom(...BOMBS) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 8 }) },
);

/** Patterns of every kind: plain, odd, and those that would explode in a careless matcher. */
export const hostileGlob: fc.Arbitrary<string> = fc.oneof(
  { weight: 5, arbitrary: fc.array(piece, { minLength: 1, maxLength: 6 }).map((parts) => parts.join('')) },
  { weight: 2, arbitrary: fc.constantFrom(...BOMBS) },
  { weight: 2, arbitrary: repeats },
  { weight: 1, arbitrary: nestedBraces },
  { weight: 1, arbitrary: fc.tuple(repeats, repeats).map(([a, b]) => `${a}/${b}`.slice(0, 1_100)) },
);

/** Odd globs that are granted, for an agent to hold, so that others' are compared with them: as dear as allowed. */
export function listHeldGlobs(count: number): string[] {
  const makers: ((index: number) => string)[] = [
    (index) => `**/held${index}/**/*a*b*c*`,
    (index) => `{a,b,{c,{d,{e,f${index}}}}}/**/*.held`,
    (index) => `${'*a'.repeat(60)}${index}.held`,
    (index) => `src/{1..${(index % 90) + 2}}/[a-z][!0-9]held${index}?`,
    (index) => `**/${'?'.repeat((index % 100) + 1)}held${index}`,
    (index) => `${'{a,b}'.repeat((index % 20) + 1)}/held${index}`,
    (index) => `${'**/*b/'.repeat((index % 12) + 1)}held${index}`,
    (index) => `held/${index}/[!a]*[^b]*{x,y*}`,
  ];
  return Array.from({ length: count }, (_, index) => makers[index % makers.length]?.(index) ?? '');
}
