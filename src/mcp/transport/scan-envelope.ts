/** What tells which answer a message is owed: fields of JSON-RPC's envelope, where the message has them. */
export interface Envelope {
  id?: unknown;
  method?: unknown;
  result?: unknown;
  error?: unknown;
}

/** The fields of the envelope, found while the bytes of the outermost object stream by. */
export interface EnvelopeScan {
  /** Texts of the values found; null for one that was too long to be kept. The last one of a name counts. */
  readonly fields: Map<string, string | null>;
  /** Where the part under way, a key or such a value, begins in the present bytes; -1: it is not kept. */
  from: number;
  /** The beginning of that part, from the bytes before. */
  kept: Buffer[];
  keptBytes: number;
  /** The field whose value is under way. */
  field: string | null;
}

const MAX_FIELD_BYTES = 16 * 1024;
const FIELDS: ReadonlySet<string> = new Set(['id', 'method', 'result', 'error']);
/** Of a quoted name of a field: the shortest, and the longest with each character escaped and blanks around it. */
const MIN_NAME_BYTES = 4;
const MAX_NAME_BYTES = 64;

export function createEnvelopeScan(): EnvelopeScan {
  return { fields: new Map(), from: -1, kept: [], keptBytes: 0, field: null };
}

/** Takes note of a separator of the outermost object at `at`, or of its end. */
export function endEnvelopePart(scan: EnvelopeScan, bytes: Buffer, at: number, isColon: boolean): void {
  if (isColon) {
    scan.field = readName(scan, bytes, at);
    scan.from = scan.field === null ? -1 : at + 1;
    return;
  }
  if (scan.field !== null) scan.fields.set(scan.field, takePart(scan, bytes, at));
  scan.field = null;
  scan.from = at + 1;
}

/** Keeps the part that these bytes end within. */
export function keepEnvelopePart(scan: EnvelopeScan, bytes: Buffer): void {
  if (scan.from < 0) return;
  keep(scan, bytes.subarray(scan.from));
  scan.from = 0;
}

/** The values of the fields. One that was too long to be kept is `{}`. */
export function readEnvelope({ fields }: EnvelopeScan): Envelope {
  return Object.fromEntries([...fields].map(([name, text]) => [name, text === null ? {} : parseOr(text, {})]));
}

function readName(scan: EnvelopeScan, bytes: Buffer, to: number): string | null {
  const length = scan.keptBytes + to - scan.from;
  const text = length < MIN_NAME_BYTES || length > MAX_NAME_BYTES ? null : takePart(scan, bytes, to);
  scan.kept = [];
  scan.keptBytes = 0;
  const name = text === null ? null : parseOr(text, null);
  return typeof name === 'string' && FIELDS.has(name) ? name : null;
}

function keep(scan: EnvelopeScan, bytes: Buffer): void {
  scan.keptBytes += bytes.length;
  if (scan.keptBytes <= MAX_FIELD_BYTES) scan.kept.push(Buffer.from(bytes));
}

/** @returns the part that ends here; null when it is too long */
function takePart(scan: EnvelopeScan, bytes: Buffer, to: number): string | null {
  const rest = bytes.subarray(scan.from, to);
  const { kept, keptBytes } = scan;
  scan.kept = [];
  scan.keptBytes = 0;
  if (keptBytes + rest.length > MAX_FIELD_BYTES) return null;
  return (kept.length === 0 ? rest : Buffer.concat([...kept, rest])).toString('utf8');
}

function parseOr(text: string, fallback: unknown): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return fallback;
  }
}
