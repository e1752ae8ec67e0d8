import protobuf from 'protobufjs/minimal.js';
import {
  type Attribute,
  type LogParts,
  MAX_ATTRIBUTES,
  MAX_LOGS,
  type ReceivedLog,
  type Scalar,
  toReceivedLog,
} from './received-log.js';

type Reader = protobuf.Reader;

/** Types of protobuf's wire format. */
const [VARINT, FIXED64, BYTES] = [0, 1, 2] as const;

/** What precedes a field: its number in opentelemetry-proto, and its type. */
const tagOf = (field: number, wireType: number): number => field * 8 + wireType;

const RESOURCE_LOGS = tagOf(1, BYTES);
const [RESOURCE, SCOPE_LOGS] = [tagOf(1, BYTES), tagOf(2, BYTES)];
const RESOURCE_ATTRIBUTES = tagOf(1, BYTES);
const LOG_RECORDS = tagOf(2, BYTES);
const RECORD = {
  time: tagOf(1, FIXED64),
  body: tagOf(5, BYTES),
  attributes: tagOf(6, BYTES),
  observed: tagOf(11, FIXED64),
  eventName: tagOf(12, BYTES),
} as const;
const [KEY, VALUE] = [tagOf(1, BYTES), tagOf(2, BYTES)];
const ANY_VALUE = {
  string: tagOf(1, BYTES),
  bool: tagOf(2, VARINT),
  int: tagOf(3, VARINT),
  double: tagOf(4, FIXED64),
} as const;

/**
 * Reads an ExportLogsServiceRequest in protobuf. Unknown fields are passed over.
 * @throws RangeError or Error if the bytes are no such message, or hold more than MAX_LOGS records
 */
export function readProtobufLogs(body: Uint8Array): ReceivedLog[] {
  const reader = protobuf.Reader.create(body);
  const logs: ReceivedLog[] = [];
  for (const tag of fieldsUntil(reader, reader.len)) {
    if (tag !== RESOURCE_LOGS) reader.skipType(tag & 7);
    else for (const log of readResourceLogs(reader, MAX_LOGS - logs.length)) logs.push(log);
  }
  return logs;
}

/** @param max of records that may be in it */
function readResourceLogs(reader: Reader, max: number): ReceivedLog[] {
  const shared: Attribute[] = [];
  const records: LogParts[] = [];
  for (const tag of fieldsOf(reader)) {
    if (tag === RESOURCE) shared.push(...readEach(reader, RESOURCE_ATTRIBUTES, MAX_ATTRIBUTES, readAttribute));
    else if (tag === SCOPE_LOGS) records.push(...readEach(reader, LOG_RECORDS, max - records.length, readRecord));
    else reader.skipType(tag & 7);
  }
  return records.map((record) => toReceivedLog({ ...record, attributes: [...shared, ...record.attributes] }));
}

function readRecord(reader: Reader): LogParts {
  const attributes: Attribute[] = [];
  const record: LogParts = { attributes, eventName: null, body: null, timeNs: 0, observedNs: 0 };
  for (const tag of fieldsOf(reader)) {
    if (tag === RECORD.time) record.timeNs = toNumber(reader.fixed64());
    else if (tag === RECORD.observed) record.observedNs = toNumber(reader.fixed64());
    else if (tag === RECORD.body) record.body = readValue(reader);
    else if (tag === RECORD.attributes) attributes.push(readAttribute(reader));
    else if (tag === RECORD.eventName) record.eventName = reader.string();
    else reader.skipType(tag & 7);
  }
  return record;
}

function readAttribute(reader: Reader): Attribute {
  let key = '';
  let value: Scalar | null = null;
  for (const tag of fieldsOf(reader)) {
    if (tag === KEY) key = reader.string();
    else if (tag === VALUE) value = readValue(reader);
    else reader.skipType(tag & 7);
  }
  return [key, value];
}

/** Null for lists, maps and bytes. */
function readValue(reader: Reader): Scalar | null {
  let value: Scalar | null = null;
  for (const tag of fieldsOf(reader)) {
    if (tag === ANY_VALUE.string) value = reader.string();
    else if (tag === ANY_VALUE.bool) value = reader.bool();
    else if (tag === ANY_VALUE.int) value = toNumber(reader.int64());
    else if (tag === ANY_VALUE.double) value = reader.double();
    else reader.skipType(tag & 7);
  }
  return value;
}

/** The messages in one field of a message. @throws RangeError if there are more than `max` */
function readEach<T>(reader: Reader, field: number, max: number, read: (reader: Reader) => T): T[] {
  const items: T[] = [];
  for (const tag of fieldsOf(reader)) {
    if (tag !== field) reader.skipType(tag & 7);
    else if (items.length >= max) throw new RangeError('too many items');
    else items.push(read(reader));
  }
  return items;
}

/** The tags of a message that is a field of another one: code that takes a tag reads or skips its value. */
function fieldsOf(reader: Reader): Generator<number> {
  const length = reader.uint32();
  return fieldsUntil(reader, reader.pos + length);
}

function* fieldsUntil(reader: Reader, end: number): Generator<number> {
  if (end > reader.len) throw new RangeError('a message ends beyond its parent');
  while (reader.pos < end) yield reader.uint32();
}

/** The library reads 64 bits as a number, or as an object where the process has one for them. Times and counts fit a number. */
function toNumber(value: { toString(): string }): number {
  return Number(value.toString());
}
