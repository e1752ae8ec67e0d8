// Lines that cost a careless server much more than they cost their sender.

/**
 * JSON bombs: deep, wide, long. Most are calls, so that they reach the tools.
 * @param size of the large ones, in bytes
 * @param every only each so manyth
 */
export function* listJsonBombs(size: number, every: number): Generator<string> {
  let count = 0;
  for (const bomb of makeJsonBombs(size)) {
    count += 1;
    if (count % every === 0) yield bomb;
  }
}

function* makeJsonBombs(size: number): Generator<string> {
  const deep = (count: number) => '['.repeat(count) + ']'.repeat(count);
  const wide = (item: string) => `${`${item},`.repeat(Math.floor(size / (item.length + 1)))}${item}`;
  const keys = Array.from({ length: Math.floor(size / 12) }, (_, index) => `"${index}":[]`).join();
  let id = 0;
  const call = (name: string, args: string) => {
    id += 1;
    return `{"jsonrpc":"2.0","id":"bomb ${id}","method":"tools/call","params":{"name":"${name}","arguments":${args}}}`;
  };
  const stash = (metadata: string) => call('stash', `{"name":"bomb","summary":"bomb","metadata":${metadata}}`);

  for (const depth of [1_000, 5_000, 100_000]) {
    yield deep(depth);
    yield '['.repeat(depth);
    yield call('insight', `{"content":${deep(depth)}}`);
    yield stash(`{"a":${deep(depth)}}`);
    yield stash(`${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`);
    yield `{"jsonrpc":"2.0","id":${deep(depth)},"method":"ping"}`;
    yield `{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":${deep(depth)}}}`;
    yield `{"jsonrpc":"2.0","id":"deep ${depth}","method":"resources/subscribe","params":{"uri":${deep(depth)}}}`;
    yield `{"jsonrpc":"2.0","id":-2,"result":${deep(depth)}}`;
    yield `{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":-1,"progress":${deep(depth)}}}`;
  }
  // Just few enough to be let through to the tools.
  const many = Array.from({ length: 30_000 }, (_, index) => `"${index}":1`).join();
  for (const value of [`{${many}}`, `{"a":{${many}}}`, `[${'1,'.repeat(60_000)}1]`, `[${'"a",'.repeat(60_000)}"a"]`]) {
    yield stash(value);
    yield call('acquire', `{"patterns":${value}}`);
    yield call('insight', `{"content":"bomb","tags":${value}}`);
    yield call('ping', value);
    yield `{"jsonrpc":"2.0","id":"many","method":"tools/call","params":${value}}`;
    yield `{"jsonrpc":"2.0","id":"many too","method":"ping","params":{"_meta":${value}}}`;
  }
  for (const item of ['1', '""', '[]', '{}', '{"a":1}', '"**"', 'null', '[[[]]]']) {
    yield `[${wide(item)}]`;
    yield call('acquire', `{"patterns":[${wide(item)}]}`);
    yield stash(`{"a":[${wide(item)}]}`);
    yield `{"id":"wide ${item.length}","jsonrpc":"2.0","method":"ping","params":[${wide(item)}]}`;
  }
  yield `[${wide('{"jsonrpc":"2.0","id":1,"method":"ping"}')}]`;
  yield call('ping', `{${keys}}`);
  yield call('ping', `{${wide('"a":1')}}`);
  yield stash(`{${keys}}`);
  yield `{${keys},"jsonrpc":"2.0","id":"many keys","method":"ping"}`;
  yield `{"jsonrpc":"2.0","id":"twice","method":"ping","params":{},"id":"the last counts"}`;
  for (const unit of ['x', '\\u0000', '\\ud800', '\\"', '\\\\', 'é', '🙂', '\\n', '@', '[', '{\\"a\\":']) {
    const long = `"${unit.repeat(Math.floor(size / Buffer.byteLength(unit)))}"`;
    yield call('insight', `{"content":${long}}`);
    yield call('recall', `{"query":${long}}`);
    yield call('acquire', `{"patterns":[${long}]}`);
    yield call('forget', `{"id":${long}}`);
    yield call('end_task', `{"summary":"x","session_id":${long}}`);
    yield call('ping', `{${long}:1}`);
    yield stash(`{${long}:${long}}`);
  }
  yield `{"jsonrpc":"2.0","id":"${'i'.repeat(size)}","method":"ping"}`;
  yield `{"jsonrpc":"2.0","id":"long method","method":"${'m'.repeat(size)}"}`;
  yield 'x'.repeat(size);
  yield ' '.repeat(size);
}

/** Lines above the limit of the transport, whatever they hold: each is owed its answer under its own id. */
export function* listTooLongLines(): Generator<string> {
  const bytes = 7 * 1024 * 1024;
  const fill = (unit: string) => unit.repeat(Math.floor(bytes / Buffer.byteLength(unit)));
  const call = (id: string, content: string) =>
    `{"jsonrpc":"2.0","id":${id},"method":"tools/call","params":{"name":"insight","arguments":{"content":${content}}}}`;
  yield call('"long text"', `"${fill('x')}"`);
  yield call('424242', `"${fill('\\"')}"`);
  yield call('"long list"', `[${fill('{},')}1]`);
  yield call('"long nesting"', `${fill('[').slice(0, bytes / 2)}${fill(']').slice(0, bytes / 2)}`);
  yield `{"jsonrpc":"2.0","method":"ping","params":{"a":"${fill('é')}"},"id":"long, id last"}`;
  yield `{"jsonrpc":"2.0","method":"notifications/x","params":{"a":"${fill('🙂')}"}}`;
  yield fill(' ');
  yield fill('x');
}

/** Calls with as many costly patterns as are allowed. @param every yields only each so-manyth of them */
export function* listGlobBombs(every: number): Generator<string> {
  const units = [
    ...[
      '**/*',
      '*a',
      '?',
      '[a-z]',
      '{a,b}',
      '{*,**}/',
      '{1..9}',
      '*{a,*}',
      '[!a]*',
      'a/',
      '{a,b,{c,d,{e,f}}}/',
      '[',
      '\\*',
    ],
    ...['{1..199}', '**/', '../', '*/', '[a-z][!0-9]*'],
  ];
  let id = 0;
  for (const unit of units) {
    for (const [tool, name] of [
      ['acquire', 'patterns'],
      ['start_task', 'files'],
      ['release', 'patterns'],
    ] as const) {
      for (const length of [60, 250, 1_000]) {
        const pattern = (index: number) => `${unit.repeat(Math.ceil(length / unit.length)).slice(0, length)}/b${index}`;
        const patterns = Array.from({ length: 100 }, (_, index) => pattern(index));
        const args = { ...(tool === 'start_task' && { task: 'glob bomb' }), [name]: patterns };
        id += 1;
        if (id % every > 0) continue;
        yield JSON.stringify({
          jsonrpc: '2.0',
          id: `globs ${id}`,
          method: 'tools/call',
          params: { name: tool, arguments: args },
        });
      }
    }
  }
}

/** Units of texts that cost rules of redaction, of paths and of invisible characters the more the longer they are. */
const TEXT_UNITS = [
  ...[
    'a',
    ' ',
    '\n',
    '@',
    '@/',
    'a/',
    'a.',
    '-',
    '.',
    '0',
    '"',
    '\\',
    '=',
    ':',
    '://',
    '://:',
    '://a:',
    'a:b@',
    '<a>',
    '{{',
    '${',
  ],
  ...[
    'password=',
    'password: "',
    'token: ',
    'secret_access_key=',
    'Bearer ',
    'authorization: Basic ',
    '--password ',
    '-u a:',
  ],
  ...[
    'eyJ',
    'eyJhbGciOi.',
    '-----BEGIN PRIVATE KEY-----',
    '-----',
    'PuTTY-User-Key-File-2',
    'AccountKey=',
    '?sig=',
    'Q~0Q~',
  ],
  ...[
    'AKIA',
    'ghp_',
    'github_pat_',
    'xoxb-1',
    'sk-',
    'npm_',
    'SG.',
    'ops_ey',
    'AIza',
    'hv.',
    'https://hooks.slack.com/',
    '-us1',
  ],
  ...[
    '\u202e',
    '\u200d',
    '\ufe0f',
    '👨\u200d',
    '🏴\u{e0067}',
    'e\u0301',
    '\u115f',
    'ا\u200d',
    '1\ufe0f',
    '\u00ad',
    'x.ts ',
    'a/b.ts ',
  ],
  ...[
    'token=a1B2c3D4e5F6g7H8i9 ',
    'ghp_0123456789abcdefghijABCDEFGHIJ012345 ',
    'postgres://u:p4ss@h/d ',
    'AKIAIOSFODNN7EXAMPL3 ',
  ],
];

/**
 * Texts of one unit, written and read again: by name, by search, in the context of a task.
 * @param length of the largest, in bytes; those that are indexed are a tenth of it, to spare the database
 * @param every only each so manyth unit
 */
export function* listTextBombs(length: number, every: number): Generator<string> {
  let id = 0;
  const call = (name: string, args: Record<string, unknown>) => {
    id += 1;
    return JSON.stringify({
      jsonrpc: '2.0',
      id: `text ${id}`,
      method: 'tools/call',
      params: { name, arguments: args },
    });
  };
  for (const [index, unit] of TEXT_UNITS.entries()) {
    if (index % every > 0) continue;
    const largest = unit.repeat(Math.floor(length / Buffer.byteLength(unit)));
    const text = unit.repeat(Math.floor(length / 10 / Buffer.byteLength(unit)));
    const name = `bomb ${index}`;
    yield call('insight', { key: name, content: text });
    yield call('stash', { name, summary: text, files: Array.from({ length: 50 }, () => text.slice(0, 900)) });
    yield call('stash', { name, summary: text.slice(0, 4_000), metadata: { a: [text.slice(0, 10_000)] } });
    yield call('decide', { topic: name, decision: text, reasoning: text });
    yield call('recall', { query: name, kinds: ['insight', 'decision', 'stash'], limit: 50, token_budget: 50_000 });
    yield call('recall', { query: text.slice(0, 15_000) });
    yield call('pop', { query: name });
    yield call('pop', { query: text.slice(0, 4_000) });
    yield call('get_decisions', { topic: name });
    yield call('announce', {
      message: largest.slice(0, 10_000),
      files: Array.from({ length: 100 }, () => text.slice(0, 900)),
    });
    yield call('start_task', { task: largest });
    yield call('forget', { id: 'dec_0', reason: text.slice(0, 4_000) });
  }
  yield call('get_decisions', { limit: 100 });
  yield call('who_is_working', {});
}
