/** A value of an attribute, as far as usage may be in it. */
export type Scalar = string | number | boolean;

/** One log record of OTLP, of either encoding, reduced to what usage is read from. */
export interface ReceivedLog {
  /** Where clients put an event's name: the record's own field, its body, its attribute `event.name`. */
  names: string[];
  /** When it happened, in ms since 1970; null where the record does not say. */
  timeMs: number | null;
  /** Of the record, over those of its resource. Lists, maps and long texts are left out. */
  attributes: Record<string, Scalar>;
}

/** An attribute as it was read: null where its value is of no use here. */
export type Attribute = readonly [key: string, value: Scalar | null];

/** Longer texts are prompts and bodies: they are dropped where they are read, and stored nowhere. */
const MAX_TEXT_CHARS = 500;

/** Of one request; exporters send at most a few hundred at once. */
export const MAX_LOGS = 10_000;

/** Of a resource: they come again with each of its records. */
export const MAX_ATTRIBUTES = 200;

const MILLISECOND_NS = 1_000_000;

export interface LogParts {
  /** Of the resource first, then of the record. */
  attributes: readonly Attribute[];
  eventName: Scalar | null;
  body: Scalar | null;
  /** Nanoseconds since 1970; 0 where there is none. */
  timeNs: number;
  observedNs: number;
}

/** Puts the parts of a record together. */
export function toReceivedLog({ attributes, eventName, body, timeNs, observedNs }: LogParts): ReceivedLog {
  const kept = new Map<string, Scalar>();
  for (const [key, value] of attributes) if (isUseful(value)) kept.set(key, value);
  const names = [eventName, body, kept.get('event.name') ?? null].filter(
    (name): name is string => typeof name === 'string' && isUseful(name),
  );
  const timeMs = Math.floor((timeNs || observedNs) / MILLISECOND_NS);
  // Defines each key by itself: one named `__proto__` is an attribute like any other.
  return { names, timeMs: timeMs > 0 ? timeMs : null, attributes: Object.fromEntries(kept) };
}

function isUseful(value: Scalar | null): value is Scalar {
  return value !== null && (typeof value !== 'string' || value.length <= MAX_TEXT_CHARS);
}
