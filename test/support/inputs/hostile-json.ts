// Values as JSON texts, since the nastiest ones (keys twice, 1e400, own `__proto__`) exist as text alone.
import fc from 'fast-check';

const quoted = (text: fc.Arbitrary<string>) => text.map((value) => JSON.stringify(value));

const ODD_NUMBERS = [
  ...['0', '-0', '-1', '1', '0.5', '1e-400', '1e400', '-1e400', '1E+2', '50.000000001', '2147483648', '-2147483649'],
  ...['9007199254740991', '9007199254740993', '9223372036854775808', '123456789012345678901234567890', '1e308'],
];

const ODD_STRINGS = [
  ...['', ' ', '\t\n', '\0', 'a\0b', '\ud800', '\udc00\ud800', 'x\ud83d', '\ufeff', '\u202e', '\u2028', '\uffff', 'é'],
  ...['__proto__', 'constructor', 'toString', 'NaN', 'null', 'undefined', '[object Object]', 'Infinity', '-0', '1e3'],
  ...['../../../etc/passwd', '/etc/passwd', 'C:\\Windows', '..\\..', '~/x', 'file:///etc/passwd', '%2e%2e/', '.', '//'],
  ...[`'; DROP TABLE locks; --`, '$1', '%s%n', '{{x}}', '<script>', '\\', '"', '`', '\u001b[2J', '\r\n\r\n'],
  ...['insight_0000000000000000', 'stash_\0', 'dec_\ud800', 'sess_', 'agent_', 'lock_1', 'insight_../x', 'dec_%'],
];

const ODD_VALUES = [
  ...[
    'null',
    'true',
    'false',
    '[]',
    '{}',
    '[null]',
    '[[]]',
    '[""]',
    '["\\u0000"]',
    '[{}]',
    '{"a":1,"a":2}',
    '[1,"a",null]',
  ],
  ...['{"__proto__":{"admin":true}}', '{"constructor":{"prototype":{"x":1}}}', '{"toString":1}', '{"length":1e9}'],
  ...['{"then":1}', '{"toJSON":1}', '{"":""}', '{"0":0}', '{"\\ud800":"\\ud800"}', '{"\\u0000":"\\u0000"}'],
];

/** Strings that are long, made of one unit; JSON in it counts escaped. */
function longString(most: number): fc.Arbitrary<string> {
  return quoted(
    fc
      .tuple(
        fc.oneof(
          fc.constantFrom('a', ' ', '\n', '"', '\0', '\ud800', '@', 'a/', '🙂', '://:', 'é', '../', '{a,'),
          fc.string(),
        ),
        fc.integer({ min: 1, max: most }),
      )
      .map(([unit, count]) => unit.repeat(Math.ceil(count / Math.max(unit.length, 1))).slice(0, count)),
  );
}

/** Arrays or objects within each other. */
function nested(most: number): fc.Arbitrary<string> {
  return fc
    .tuple(
      fc.constantFrom(['[', ']'], ['{"a":', '}'], ['[{"__proto__":', '}]'], ['[[],', ']']),
      fc.integer({ min: 2, max: most }),
    )
    .map(([[open = '', close = ''], depth]) => `${open.repeat(depth)}1${close.repeat(depth)}`);
}

function longArray(most: number): fc.Arbitrary<string> {
  return fc
    .tuple(fc.constantFrom('1', '""', '"a"', 'null', '{}', '[]', '"../x"', '"**"'), fc.integer({ min: 51, max: most }))
    .map(([item, count]) => `[${Array(count).fill(item).join()}]`);
}

function manyKeys(most: number): fc.Arbitrary<string> {
  return fc
    .integer({ min: 20, max: most })
    .map((count) => `{${Array.from({ length: count }, (_, index) => `"k${index}":${index}`).join()}}`);
}

/** Any JSON, most of it small and wrong in its place, a little of it large. */
export const hostileValue: fc.Arbitrary<string> = fc.oneof(
  { weight: 30, arbitrary: fc.constantFrom(...ODD_VALUES) },
  { weight: 20, arbitrary: fc.constantFrom(...ODD_NUMBERS) },
  { weight: 30, arbitrary: quoted(fc.constantFrom(...ODD_STRINGS)) },
  { weight: 10, arbitrary: quoted(fc.string({ unit: 'binary', maxLength: 40 })) },
  { weight: 10, arbitrary: fc.json({ maxDepth: 3 }) },
  { weight: 2, arbitrary: longString(2_000) },
  { weight: 2, arbitrary: nested(200) },
  { weight: 2, arbitrary: longArray(300) },
  { weight: 1, arbitrary: manyKeys(300) },
);

/** The same, tens of kilobytes large. */
export const largeValue: fc.Arbitrary<string> = fc.oneof(
  longString(100_000),
  nested(20_000),
  longArray(20_000),
  manyKeys(10_000),
);
