// Reads protobuf's wire format, without a schema: what a field means is up to the caller.

/** A protobuf message as read from the wire: field number → raw values. */
export type Message = Map<number, (Buffer | bigint)[]>;

export function messages(message: Message, field: number): Message[] {
  return (message.get(field) ?? []).map((value) => decode(value as Buffer));
}

export function bytes(message: Message, field: number): Buffer {
  return (message.get(field)?.[0] as Buffer | undefined) ?? Buffer.alloc(0);
}

export function text(message: Message, field: number): string {
  return bytes(message, field).toString('utf8');
}

export function decode(buffer: Buffer): Message {
  const message: Message = new Map();
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = buffer.readUInt8(at++);
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  const take = (length: number): Buffer => {
    at += length;
    if (at > buffer.length) throw new Error('The message ends in the middle of a field.');
    return buffer.subarray(at - length, at);
  };
  while (at < buffer.length) {
    const key = Number(varint());
    const wireType = key & 7;
    let value: Buffer | bigint;
    if (wireType === 0) value = varint();
    else if (wireType === 1) value = take(8);
    else if (wireType === 2) value = take(Number(varint()));
    else if (wireType === 5) value = take(4);
    else throw new Error(`Unknown wire type ${wireType}.`);
    const values = message.get(key >> 3) ?? [];
    values.push(value);
    message.set(key >> 3, values);
  }
  return message;
}

/** A field of type fixed64, sfixed64, uint64 or enum; 0 when it is absent. */
export function integer(message: Message, field: number): number {
  const value = message.get(field)?.[0];
  if (value === undefined) return 0;
  return Number(typeof value === 'bigint' ? value : value.readBigInt64LE());
}

/** A field of type sint32, which is zigzag-encoded. */
export function signed(message: Message, field: number): number {
  const value = BigInt(integer(message, field));
  return Number((value >> 1n) ^ -(value & 1n));
}

export function double(message: Message, field: number): number {
  const value = bytes(message, field);
  return value.length === 8 ? value.readDoubleLE() : 0;
}
