// Lines for `popstash mcp`, generated from the schemas of its tools: hostile, nearly right, and right ones.
import fc from 'fast-check';
import { hostileGlob } from './hostile-globs.js';
import { hostileValue, largeValue } from './hostile-json.js';

/** A tool as `tools/list` describes it, as far as values are made from it. */
export interface ToolSchema {
  name: string;
  inputSchema: { properties?: Record<string, ValueSchema>; required?: string[] };
}

export interface ValueSchema {
  type?: string;
  enum?: string[];
  items?: ValueSchema;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  minItems?: number;
  maxItems?: number;
}

/** How often a tool is called: often what compares patterns, rarely what leaves rows behind. */
const WEIGHTS: Record<string, number> = { acquire: 5, release: 2, start_task: 3, pop: 2, recall: 2, get_decisions: 2 };

const quoted = (text: fc.Arbitrary<string>) => text.map((value) => JSON.stringify(value));
const oneOf = (...texts: string[]) => fc.constantFrom(...texts);

/** A line, without its newline. */
export function generateLine(tools: readonly ToolSchema[]): fc.Arbitrary<string> {
  const call = fc.oneof(...tools.map((tool) => ({ weight: WEIGHTS[tool.name] ?? 1, arbitrary: callOf(tool) })));
  return fc.oneof(
    { weight: 84, arbitrary: fc.tuple(call, usableId).map(([params, id]) => requestLine('"tools/call"', id, params)) },
    { weight: 6, arbitrary: oddRequest(call) },
    { weight: 5, arbitrary: oddMessage },
    { weight: 5, arbitrary: noJson(call) },
  );
}

/** Unique in practice; an answer bears it again. */
const usableId = fc.oneof(
  { weight: 4, arbitrary: fc.maxSafeInteger().map(String) },
  {
    weight: 1,
    arbitrary: quoted(fc.tuple(fc.uuid(), fc.string({ unit: 'binary', maxLength: 6 })).map((parts) => parts.join())),
  },
);

function requestLine(method: string, id: string, params: string | null): string {
  return `{"jsonrpc":"2.0","id":${id},"method":${method}${params === null ? '' : `,"params":${params}`}}`;
}

/** `params` of a call of this tool. */
function callOf({ name, inputSchema }: ToolSchema): fc.Arbitrary<string> {
  const entries = Object.entries(inputSchema.properties ?? {});
  const required = new Set(inputSchema.required);
  const right = fc
    .tuple(...entries.map(([key, schema]) => fc.option(rightValue(key, schema), { freq: required.has(key) ? 1e9 : 2 })))
    .map((values) =>
      entries.flatMap(([key], index) => (typeof values[index] === 'string' ? [[key, values[index]] as const] : [])),
    );
  const changed = fc
    .tuple(right, fc.array(changeOf(entries), { minLength: 1, maxLength: 2 }))
    .map(([args, changes]) => changes.reduce<Entries>((current, change) => change(current), args));
  const args = fc.oneof(
    { weight: 25, arbitrary: right.map(writeObject) },
    { weight: 300, arbitrary: changed.map(writeObject) },
    { weight: 40, arbitrary: hostileValue },
    {
      weight: 1,
      arbitrary: fc
        .tuple(
          right,
          put(
            entries.map(([key]) => key),
            largeValue,
          ),
        )
        .map(([args, change]) => writeObject(change(args))),
    },
  );
  return args.map((text) => `{"name":"${name}","arguments":${text}}`);
}

type Entries = readonly (readonly [key: string, value: string])[];

function writeObject(entries: Entries): string {
  return `{${entries.map(([key, value]) => `${JSON.stringify(key)}:${value}`).join()}}`;
}

/** One thing that is wrong, or may be. */
function changeOf(properties: readonly (readonly [string, ValueSchema])[]): fc.Arbitrary<(args: Entries) => Entries> {
  const extra = fc
    .tuple(fc.oneof(oneOf('__proto__', 'constructor', 'toString', '', 'verbose', '\ud800'), fc.string()), hostileValue)
    .map((entry) => (args: Entries) => [...args, entry]);
  if (properties.length === 0) return extra;
  const names = properties.map(([name]) => name);
  const globs = fc.array(quoted(hostileGlob), { maxLength: 8 }).map((all) => `[${all.join()}]`);
  return fc.oneof(
    { weight: 40, arbitrary: put(names, hostileValue) },
    { weight: 30, arbitrary: extra },
    {
      weight: 8,
      arbitrary: fc.constantFrom(...names).map((name) => (args: Entries) => args.filter(([other]) => other !== name)),
    },
    { weight: 5, arbitrary: put(names, hostileValue, false) },
    { weight: 5, arbitrary: put(names, globs) },
  );
}

/** Gives one of these arguments that value; a key may come twice, as the texts of objects allow. */
function put(
  names: readonly string[],
  value: fc.Arbitrary<string>,
  once = true,
): fc.Arbitrary<(args: Entries) => Entries> {
  return fc
    .tuple(fc.constantFrom(...names, ...(names.length === 0 ? ['extra'] : [])), value)
    .map(([name, text]) => (args: Entries) => [
      ...args.filter(([other]) => !once || other !== name),
      [name, text] as const,
    ]);
}

/** A value that fits the schema; what it means is told by its name. */
function rightValue(key: string, schema: ValueSchema): fc.Arbitrary<string> {
  if (key === 'patterns' || key === 'files') {
    return fc
      .array(quoted(hostileGlob), { minLength: schema.minItems ?? 0, maxLength: 4 })
      .map((all) => `[${all.join()}]`);
  }
  // Waits take time, and are what another trial is about.
  if (key === 'wait_seconds') return fc.constant('0');
  if (key === 'session_id') return quoted(oneOf('sess_0000000000000000', 'sess_x'));
  if (schema.enum) return quoted(oneOf(...schema.enum));
  switch (schema.type) {
    case 'integer':
      return fc
        .integer({ min: schema.minimum ?? 0, max: Math.min(schema.maximum ?? 1_000_000, 1_000_000) })
        .map(String);
    case 'number':
      return fc.double({ min: 0.001, max: schema.maximum ?? 1_000, noNaN: true }).map(String);
    case 'boolean':
      return oneOf('true', 'false');
    case 'array':
      return fc
        .array(rightValue('', schema.items ?? {}), { minLength: schema.minItems ?? 0, maxLength: 4 })
        .map((all) => `[${all.join()}]`);
    case 'object':
      return fc
        .dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 3 })
        .map((value) => JSON.stringify(value));
    default:
      return quoted(
        fc.oneof(
          oneOf('auth', 'routes', 'the parser of globs', 'a.ts'),
          fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }),
        ),
      );
  }
}

/** A request that is no ordinary call: another method, an id of another kind, fields that are wrong, missing or too many. */
function oddRequest(call: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const method = oneOf(
    ...['ping', 'tools/list', 'tools/call', 'resources/list', 'resources/subscribe', 'prompts/get', 'logging/setLevel'],
    ...[
      'completion/complete',
      'tasks/list',
      'notifications/cancelled',
      'rpc.discover',
      '',
      '__proto__',
      'tools/call\0',
    ],
    ...['popstash/restore', 'popstash/release-locks', 'popstash/nothing'],
  ).map((name) => JSON.stringify(name));
  // Such as no lock is released by.
  const params = fc.oneof(
    hostileValue,
    oneOf('{"uri":"popstash://locks"}', '{"uri":{"toString":1}}', '{"name":1}', '{"id":"dec_\\u0000"}'),
  );
  const odd = fc.oneof(hostileValue, oneOf('{}', '[]', '1.5', 'null', '1e300', '-1', 'true', '"__proto__"'));
  return fc.oneof(
    { weight: 3, arbitrary: fc.tuple(method, usableId, fc.option(params)).map((parts) => requestLine(...parts)) },
    { weight: 2, arbitrary: fc.tuple(odd, call).map(([id, params]) => requestLine('"tools/call"', id, params)) },
    { weight: 1, arbitrary: fc.tuple(odd, usableId, call).map((parts) => requestLine(...parts)) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(usableId, call, hostileValue)
        .map(([id, params, value]) => `{"jsonrpc":${value},"id":${id},"method":"tools/call","params":${params}}`),
    },
    {
      weight: 1,
      arbitrary: fc
        .tuple(usableId, hostileValue)
        .map(([id, value]) => `{"jsonrpc":"2.0","id":${id},"method":"ping","extra":${value}}`),
    },
    {
      weight: 1,
      arbitrary: fc
        .tuple(usableId, hostileValue)
        .map(([id, meta]) => requestLine('"tools/call"', id, `{"name":"ping","_meta":${meta}}`)),
    },
    {
      weight: 1,
      arbitrary: fc
        .tuple(usableId, hostileValue)
        .map(([id, name]) => requestLine('"tools/call"', id, `{"name":${name}}`)),
    },
  );
}

/** JSON that is no request: notifications, answers, batches, other values. */
const oddMessage = fc.oneof(
  hostileValue,
  largeValue,
  hostileValue.map((params) => `{"jsonrpc":"2.0","method":"notifications/unknown","params":${params}}`),
  hostileValue.map((value) => `{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":[${value}]}}`),
  hostileValue.map(
    (value) => `{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":-1,"progress":${value}}}`,
  ),
  hostileValue.map((value) => `{"jsonrpc":"2.0","id":"no request of yours","result":${value}}`),
  hostileValue.map((value) => `{"jsonrpc":"2.0","id":-7,"error":${value}}`),
  hostileValue.map((value) => `{"popstash":${value}}`),
  fc.array(hostileValue, { maxLength: 5 }).map((values) => `[${values.join()}]`),
  usableId.map((id) => `[${requestLine('"ping"', id, null)}]`),
);

/** What no parser of JSON takes. */
function noJson(call: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const whole = fc.tuple(usableId, call).map(([id, params]) => requestLine('"tools/call"', id, params));
  return fc.oneof(
    oneOf(
      '',
      ' ',
      '\r',
      '{',
      '}',
      '"',
      '[',
      'null,',
      'NaN',
      'undefined',
      '{]',
      '\0',
      '\ufeff{}',
      'GET / HTTP/1.1',
      '{"a":01}',
    ),
    fc
      .tuple(whole, fc.double({ min: 0, max: 1, noNaN: true }))
      .map(([line, part]) => line.slice(0, Math.floor(line.length * part))),
    fc.tuple(whole, oneOf(',', '}', ' x', '\u0001')).map((parts) => parts.join('')),
    fc.string({ unit: 'binary', maxLength: 60 }).map((text) => text.replaceAll('\n', '')),
    whole.map((line) => line.replaceAll('"', "'")),
  );
}
